# told.py: rows of a story as steps {what, head, text, clause, details}: a function a kind. A row that lacks keys is told as far as it goes.
from microtill.names import apdu, bits, host, rules, safe

TRIGGER, PERSON, CARD, BANK, FLASH, PAPER, OUTCOME = "Trigger and guards", "Screen and people", "Card", "Bank", "Flash", "Paper", "Outcome"
HEADS = (TRIGGER, PERSON, CARD, BANK, FLASH, PAPER, OUTCOME)
_WORDS = "ui/words.py"
_HEX = ("command", "response")       # masked where they were decoded
_TRIGGER_KEYS = ("origin", "name", "end", "reason", "flow", "lane", "waited_ms")


def _as(what, head, text, clause, **details):
    details = {name: safe.text(value) if isinstance(value, str) and name not in _HEX else value for name, value in details.items()}
    return {"what": what, "head": head, "text": safe.text(text), "clause": clause, "details": details}


class Teller:
    """Turns rows of one terminal into steps, in their order. `tell(row)` gives a step, or None for a kind that says nothing here."""

    def __init__(self):
        self._dialogue, self.kernel = apdu.Dialogue(), ""

    def tell(self, row):
        how = getattr(self, "_" + str(row.get("kind")), None)
        return how(row) if how else None

    # the trigger
    def _trigger(self, row):
        origin, name, end = row.get("origin", "?"), row.get("name", "?"), row.get("end", "?")
        about, details = rules.trigger(origin, name), {key: row.get(key, "") for key in _TRIGGER_KEYS}
        if end == "refused":
            words, clause = rules.refusal(row.get("reason", ""))
            return _as("trigger", TRIGGER, "%s: refused (%s): %s" % (about, row.get("reason", ""), words), clause, **details)
        if end == "started":
            text = "%s: starts %s on the %s lane" % (about, row.get("flow", "?"), row.get("lane", "?"))
            return _as("trigger", TRIGGER, text, "triggers/rules.py", **details)
        return _as("trigger", TRIGGER, "%s: taken by the flow that waited for it" % about, "triggers/engine.py", **details)

    def _guard(self, row):
        words, clause = rules.guard(row.get("guard", "?"))
        verdict = row.get("verdict", "?")
        said = "passed" if verdict == "passed" else "no (%s): %s" % (verdict, rules.refusal(verdict)[0])
        text = "guard %s: %s: %s" % (row.get("guard", "?"), words, said)
        return _as("guard", TRIGGER, text, clause, guard=row.get("guard", ""), verdict=verdict)

    def _flow(self, row):
        text = "flow %s ended early: %s %s" % (row.get("flow", "?"), row.get("end", ""), row.get("reason", ""))
        return _as("trigger", TRIGGER, text.rstrip(), "triggers/engine.py", flow=row.get("flow", ""), end=row.get("end", ""))

    # people and screens
    def _screen(self, row):
        return _as("screen", PERSON, "the terminal shows the screen \"%s\"" % row.get("name", "?"), _WORDS, name=row.get("name", ""))

    def _display(self, row):
        text = safe.text(row.get("text", ""))
        lines = " / ".join(line.strip() for line in text.split("\n") if line.strip())
        return _as("screen", PERSON, "the display reads: %s" % lines, "SSD1306 datasheet 10.1", display=text)

    def _act(self, row):
        return _as("act", PERSON, str(row.get("what", "?")), "a person's hand: not a trigger", act=row.get("what", ""))

    def _power(self, row):
        return _as("act", PERSON, "power comes on", "docs/money.md rule 2", life=row.get("life"))

    def _died(self, row):
        text = "task %s died: %s" % (row.get("task", "?"), rules.error(row.get("code", "")))
        return _as("act", PERSON, text, "core/supervisor.py", code=row.get("code", ""))

    def _device(self, row):
        text = "%s: %s" % (row.get("device", "?"), rules.error(row.get("code", "")))
        return _as("act", PERSON, text, "docs/money.md rule 6", device=row.get("device", ""), code=row.get("code", ""))

    # the card
    def _tap(self, row):
        outcome, reason = row.get("outcome", "?"), row.get("reason", "")
        if outcome == "start":
            self._dialogue, self.kernel = apdu.Dialogue(), ""
        text = rules.TAPS.get(outcome, outcome) + (" (%s)" % reason if reason else "")
        return _as("card", CARD, text, "EMV Contactless Book B 3", outcome=outcome, reason=reason)

    def _apdu(self, row):
        told = self._dialogue.tell(row)
        self.kernel = self._dialogue.kernel
        answer = "%s %s" % (told["sw"], told["sw_meaning"]) if told["sw"] else told["sw_meaning"]
        about = ", " + told["about"] if told["about"] else ""
        text = "%s%s: %s, after %.1f ms" % (told["name"], about, answer, (told["took_us"] or 0) / 1000)
        clause = told.pop("clause")
        return _as("card", CARD, text, clause, **told)

    def _card(self, row):
        text = "card %s: %s" % (row.get("what", "?"), rules.error(row.get("code", "")))
        return _as("card", CARD, text, "ISO 14443-4 7.5", code=row.get("code", ""))

    def _step(self, row):
        name, value = row.get("name", "?"), str(row.get("value", "")).upper()
        words, clause = rules.step(name)
        details = {"name": name, "value": safe.unknown_hex(value) if name not in rules.STEPS else row.get("value", "")}
        meaning = bits.of(rules.STEP_TAGS.get(name, ""), value, self.kernel)
        if meaning:
            details["bits"] = meaning
        if name == "cvm":
            said = rules.CVMS.get(details["value"], details["value"])
        elif name == "outcome":
            said = rules.TAPS.get(details["value"], details["value"])
        elif name in ("candidate", "kernel") or name not in rules.STEPS:
            said = details["value"]
        else:
            plain = "; ".join(part.split(": ", 1)[-1] for part in meaning)
            said = value + ": " + (plain or "no bit set") if value else "none given"
        return _as("decision", CARD, "%s: %s" % (words, said), clause, **details)

    # the bank
    def _message(self, row):
        way = {"request": "to the bank", "response": "from the bank"}.get(row.get("direction"), str(row.get("direction", "?")))
        mti = str(row.get("mti", ""))
        if not mti:
            text = "%s: not a message (%s), %s bytes" % (way, row.get("bad", "?"), row.get("size", "?"))
            return _as("host", BANK, text, host.STANDARD, bad=row.get("bad", ""))
        found = host.fields(row.get("fields") or {}, self.kernel)
        by_number = {one["field"]: one for one in found}
        said = [host.message(mti)]
        for number, form in ((3, "%s"), (4, "%s"), (70, "%s"), (11, "STAN %s"), (90, "%s"), (39, "response %s")):
            if number in by_number:
                one = by_number[number]
                said.append(form % (one["value"] if number == 11 else "%s (%s)" % (one["value"], one["meaning"]) if number == 39 else
                                    one.get("meaning", one["value"])))
        if any(one["tag"] == "DF03" for one in by_number.get(126, {}).get("tags", [])):
            said.append("PIN block inside (ISO 9564-1 format 4)")
        if 52 in by_number:
            said.append("PIN block inside (ISO 9564-1 format 0)")
        return _as("host", BANK, "%s: %s %s" % (way, mti, ", ".join(said)), host.clause(mti), direction=row.get("direction", ""), mti=mti,
                     mti_meaning=host.message(mti), fields=found)

    def _host(self, row):
        what = str(row.get("what", "?"))
        if row.get("direction") == "sent":
            text = "the terminal sends %s (%s), STAN %s" % (what, host.message(what), row.get("stan_or_auth", "?"))
            return _as("host", BANK, text, host.clause(what), mti=what, stan=row.get("stan_or_auth", ""))
        tail = "".join(", %s %s" % pair for pair in (("authorisation", row.get("stan_or_auth")), ("RRN", row.get("rrn"))) if pair[1])
        text = "the terminal believes the answer: %s (%s)%s" % (what, host.response(what), tail)
        return _as("host", BANK, text, "docs/host.md: MAC, field 39", response=what)

    def _closing(self, row):
        what, number, result = (row.get(key, "?") for key in ("what", "period_number", "result"))
        text = "shift %s closed" % number if what == "z" else "batch %s settled: %s" % (number, result)
        return _as("record", OUTCOME, text, "docs/money.md: totals", result=result)

    def _signed_on(self, row):
        code = row.get("response", "?")
        text = "sign-on answered: %s (%s)" % (code, host.RESPONSES.get(code) or rules.error(code))
        return _as("host", BANK, text, "docs/host.md field 70", response=code)

    def _owed(self, row):
        stan, tries, code = (row.get(key, "?") for key in ("stan", "tries", "code"))
        text = "reversal of payment %s not settled at try %s: %s" % (stan, tries, rules.error(code))
        return _as("host", BANK, text, "docs/host.md: reversal", stan=stan, tries=tries, code=code)

    def _dropped(self, row):
        field = row.get("field", "")
        text = "an answer is dropped unread: %s%s" % (rules.error(row.get("code", "")), " (%s)" % field if field else "")
        return _as("host", BANK, text, "docs/host.md: MAC", code=row.get("code", ""), field=field, stan=row.get("stan", ""))

    def _link(self, row):
        code = row.get("code", "")
        text = "the host is %s%s" % (row.get("what", "?"), ": " + rules.error(code) if code else "")
        return _as("host", BANK, text, "docs/host.md: time-outs", code=row.get("code", ""))

    # record, paper, outcome
    def _money(self, row):
        state, what = row.get("state", "?"), row.get("what", "")
        words, clause = rules.money("owed" if state == "owed" else what)
        text = "payment %s is %s: %s" % (row.get("stan", "?"), state, words)
        return _as("record", OUTCOME, text, clause, state=state, stan=row.get("stan", ""), happened=what)

    def _receipt(self, row):
        text = safe.text(row.get("text", ""))
        return _as("paper", PAPER, "a receipt leaves the printer", "docs/host.md: on the receipt", receipt=text)

    def _paper(self, row):
        text = "%s: %s (sync 3)" % (str(row.get("copy", "?")).lower(), row.get("result", "?"))
        return _as("paper", PAPER, text, "docs/money.md rule 6", copy=row.get("copy", ""), result=row.get("result", ""))

    def _outcome(self, row):
        reason = row.get("reason", "")
        told = host.RESPONSES.get(reason, reason)
        text = "the person is told: %s%s" % (row.get("screen", "?"), ", %s" % told if told and told != row.get("screen") else "")
        return _as("outcome", OUTCOME, text, "docs/money.md rule 2", screen=row.get("screen", ""), reason=reason)
