# levels.py: a number becomes a level between edges, and stays there while it trembles around one. Pure; unknown in, unknown out.
def level(value, edges, now=None, hysteresis=0, falling=False):
    """The level of `value`: how many of `edges` (ascending) it has reached, 0 to len(edges). From the level `now` it goes up at an edge, and
    down only below edge - hysteresis; `now` None: unknown before, so the edges alone count. `falling`: low values are the high levels, edges
    descend (a battery: 15, 5), and it comes back only above edge + hysteresis. One unit for all. None for an unknown value."""
    if value is None:
        return None
    if falling:
        value, edges = -value, [-edge for edge in edges]
    at = 0
    while at < len(edges) and value >= edges[at]:
        at += 1
    if now is None or at >= now:
        return at
    now = min(now, len(edges))
    while now > at and value < edges[now - 1] - hysteresis:
        now -= 1
    return now
