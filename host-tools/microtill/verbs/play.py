# play.py: `microtill play FILE`: a recording done again in stepped time, the page's or a torture's, on whatever target is chosen. Ends 0 where the
# same came out, 1 where not, 2 for a broken file.
from microtill.console import replay
from microtill.console.recording import BadRecording
from microtill.torture import recording as tortured
from microtill.verbs import torture

_MOST_BYTES = 64 << 20


def play(out, path):
    """(status, {"same", "first_difference", ...}). Raises BadRecording, of either kind."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(_MOST_BYTES)
    except (OSError, UnicodeDecodeError) as bad:
        raise BadRecording("%s cannot be read: %s" % (path, getattr(bad, "strerror", None) or "it is not text")) from bad
    if tortured.is_one(text):
        return torture.play(out, path)
    answer = replay.play(text)
    first = answer["first_difference"]
    if first is None:
        out.say("the same: %d screens, %d receipts, %d journal records" % (answer["screens"], answer["receipts"], answer["journal"]))
    else:
        at = "" if first["at_us"] is None else " at %.3f s" % (first["at_us"] / 1e6)
        out.say("different from %s%s on: recorded %s, played %s" % (first["what"], at, first["recorded"] or "nothing", first["played"] or "nothing"))
    return (0 if answer["same"] else 1), answer
