# openapi.py: the console's interface as an OpenAPI 3.1 document, written by hand: every path with its parameters, shapes, examples and refusals.
from importlib import metadata

from microtill.console import schemas as s

_WORDS = {"400": "not JSON, or a value of another kind (C400)", "401": "no token, or a wrong one (C401)",
          "403": "another origin or host (C403)", "404": "no such thing (C404)", "409": "not possible now (C409)",
          "413": "more than 64 KiB (C413)", "422": "out of range, or unknown (C422)", "429": "more than 100 acts a second (C429)"}
_READ, _ACT = ("401", "403", "409"), ("400", "401", "403", "409", "413", "422", "429")
_ABOUT = """A payment terminal under your hands: its keys, cards, faults and surroundings, and all that can be seen of it.

Every path wants the token that the console printed: `Authorization: Bearer TOKEN`, or `?token=TOKEN`. Each is also served under `/api`.
Times `at_ms` are the world's milliseconds since the bench began. `GET /events` is a WebSocket with everything as it happens."""

_ACTS = (
    ("/key", "Press a key, or put a finger on it; keys asked for too fast wait their turn", s.AT, {"key": "5"}, {"at_ms": 1200}, ()),
    ("/tap", "Bring a card to the reader, or take it away", s.obj({"at_ms": s.WHOLE, "in_field": s.array(s.TEXT)}),
     {"card": "visa-pin"}, {"at_ms": 2400, "in_field": ["visa-pin"]}, ("404",)),
    ("/fault", "Break something", s.AT, {"fault": "reader_deaf", "remedy": "reset"}, {"at_ms": 3600}, ()),
    ("/environment", "Change the surroundings", s.ENVIRONMENT, {"mains": False, "battery_percent": 9}, None, ()),
    ("/time", "Set the pace, step, or go to a moment", s.TIME, {"pace": "x10"},
     {"pace": "x10", "at_ms": 4800, "at": "2026-01-05T09:00:04.800+00:00"}, ()),
    ("/paper", "Tear off what hangs out of the printer", s.obj({"papers": s.WHOLE}), {"action": "tear"}, {"papers": 1}, ()),
    ("/settings", "Hand an owner's settings to the terminal", s.SETTINGS, {"owner": {"shop": {"name": "Corner Shop"}}},
     {"ok": True, "errors": [], "changed": []}, ()),
    ("/reset", "A fresh keyed terminal on a fresh bench", s.AT, {}, {"at_ms": 0}, ()),
)
_N = ("n", s.between(0, 10 ** 9), "which paper that came off, from 0; without it, what hangs out of the printer now")
_READS = (
    ("/state", "Everything that a page shows", s.STATE, (), ()),
    ("/environment", "The surroundings", s.ENVIRONMENT, (), ()),
    ("/screen.png", "The display as a picture", "image/png", (("scale", s.between(1, 8), "pixels a dot"),), ("422",)),
    ("/screen.txt", "The display as text", "text/plain", (), ()),
    ("/paper.png", "A piece of paper as a picture", "image/png", (_N,), ("404", "422")),
    ("/paper.txt", "A piece of paper as text", "text/plain", (_N,), ("404", "422")),
    ("/triggers", "The rule table with what it did so far", s.array(s.TRIGGER), (), ()),
    ("/happened", "What happened: triggers with their ends, payments that change, and what was done to the bench", s.array(s.ROW),
     (("after", s.between(0, 10 ** 12), "only rows with a greater number"), ("limit", s.between(1, 20_000), "the newest so many")), ("422",)),
    ("/explain/{id}", "Why it happened, step by step, with clauses", s.STORY, (), ("404",)),
    ("/journal", "What the terminal believes: the records on its flash", s.array(s.ANY), (), ()),
    ("/ledger", "What the bank believes", s.array(s.ANY), (), ()),
    ("/books", "The two side by side, with the currency of each payment and of the settings in force", s.BOOKS, (), ()),
    ("/cards", "The bench's cards, and what each promises", s.array(s.CARD), (), ()),
    ("/recording", "What was done so far, to be played again: JSON lines", "application/x-ndjson", (), ()),
    ("/openapi.json", "This document", s.ANY, (), ()),
    ("/health", "Does the bench run?", s.HEALTH, (), ()),
)


def _answer(shape, example=None):
    kind = shape if isinstance(shape, str) else "application/json"
    schema = {"type": "string"} if isinstance(shape, str) else shape
    return {"description": "done", "content": {kind: {"schema": schema, **({"example": example} if example is not None else {})}}}


def _refusals(codes):
    return {code: {"description": _WORDS[code], "content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/Error"}, "example": {"error": "C" + code, "words": _WORDS[code]}}}} for code in sorted(codes)}


def _act(path, about, shape, example, answer, more):
    return {"summary": about, "operationId": path[1:], "requestBody": {"required": True, "content": {"application/json": {
        "schema": s.BODIES[path], "example": example}}}, "responses": {"200": _answer(shape, answer), **_refusals({*_ACT, *more})}}


def _read(path, about, shape, parameters, more):
    found = [{"name": name, "in": "query", "required": False, "schema": schema, "description": words} for name, schema, words in parameters]
    if "{id}" in path:
        found.append({"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 40},
                      "description": "a trigger's id (3.17), a STAN (12), or last", "example": "last"})
    return {"summary": about, "operationId": "read_" + path[1:].partition("/")[0].replace(".", "_"), "parameters": found,
            "responses": {"200": _answer(shape), **_refusals({*_READ, *more})}}


def _window():
    """The WebSocket, as far as OpenAPI can tell of one."""
    return {"summary": "A WebSocket: everything as it happens, each message an object with `event`: screen, lights, tone, paper, row, time, "
            "environment, power or field", "operationId": "events", "responses": {"101": {"description": "the window is open"},
                                                                                   **_refusals({"400", "401", "403"})}}


def document(url="http://127.0.0.1"):
    """The whole document, for the console at this address."""
    paths = {}
    for row in _ACTS:
        paths.setdefault(row[0], {})["post"] = _act(*row)
    for row in _READS:
        paths.setdefault(row[0], {})["get"] = _read(*row)
    paths["/events"] = {"get": _window()}
    return {"openapi": "3.1.0", "info": {"title": "Microtill console", "version": metadata.version("microtill"), "description": _ABOUT},
            "servers": [{"url": url}], "security": [{"token": []}, {"query": []}], "paths": paths,
            "components": {"schemas": {"Error": s.ERROR}, "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"}, "query": {"type": "apiKey", "in": "query", "name": "token"}}}}
