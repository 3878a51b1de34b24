# ceremony.py: a key out of two or three components, each entered by another person, none of whom ever has the whole. Raises BadComponent.
from microtill import keys
from microtill.keys import ciphers, record

_MOST_EQUAL = 12                # of 16 bytes alike, and it is no component that chance made


def component(text, size):
    """A component as bytes: hex, with spaces where one likes; refused where it is short, long, or plainly not made by chance."""
    try:
        value = bytes.fromhex(text)
    except ValueError:
        raise keys.BadComponent("a component is %d hex digits" % (2 * size)) from None
    if len(value) != size:
        raise keys.BadComponent("a component is %d hex digits, not %d" % (2 * size, 2 * len(value)))
    if max(value.count(byte) for byte in value) >= _MOST_EQUAL:
        raise keys.BadComponent("this was not made by chance")
    return value


def hold(store, state, name, count, ask, tell):
    """The ceremony. `ask(what, hidden)` gives a line that a person typed; `tell(text)` shows one. Returns the answer of the verb.

    Who enters one component enters no other (`who` is compared without case), and no component comes twice; the check value of each is shown
    before the next begins, so that it can be compared with the paper it came from.
    """
    if name not in keys.BY_CEREMONY:
        raise keys.BadComponent("a ceremony makes: %s" % ", ".join(keys.BY_CEREMONY))
    if count not in (2, 3):
        raise keys.BadComponent("two or three components")
    size, whole, people, parts = keys.USES[name].size, None, [], []
    for number in range(1, count + 1):
        who = ask("component %d: your name and role" % number, False).strip()
        if not who or who.lower() in (known.lower() for known in people):
            raise keys.BadComponent("each component by somebody else")
        value = component(ask("component %d, %d hex digits" % (number, 2 * size), True), size)
        check = ciphers.kcv(value)
        if check in parts:
            raise keys.BadComponent("this component was entered before")
        tell("component %d of %s: KCV %s" % (number, who, check))
        people.append(who)
        parts.append(check)
        whole = value if whole is None else bytes(one ^ other for one, other in zip(whole, value, strict=True))
    label = store.make(name, whole)
    check = next(row.kcv for row in store.rows() if row.label == label)
    record.write(state, "ceremony", key=label, kcv=check, components=[{"by": who, "kcv": part} for who, part in zip(people, parts, strict=True)])
    return {"key": label, "kcv": check, "components": [{"by": who, "kcv": part} for who, part in zip(people, parts, strict=True)]}
