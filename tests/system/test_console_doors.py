# test_console_doors.py: who may speak to a console, what it says to nonsense, how it begins and ends.
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from console_rig import Console

from microtill.client import NotThere, Refused, Till

COMMAND = str(Path(sys.executable).parent / "microtill")


@pytest.fixture(scope="module")
def console():
    with Console() as console:
        yield console


@pytest.mark.parametrize("path", ["/api/state", "/state", "/journal", "/recording", "/events", "/no-such-path"])
def test_without_the_token_nothing_is_told(console, path):
    assert console.refused("GET", path, token=False) == (401, "C401")
    assert console.refused("GET", path + "?token=wrong", token=False) == (401, "C401")
    assert console.refused("GET", path, token=False, Authorization="Basic " + console.server.token) == (401, "C401")


def test_the_token_counts_in_the_header_and_in_the_address(console):
    assert console.raw("GET", "/state")[0] == console.raw("GET", "/api/state?token=" + console.server.token, token=False)[0] == 200


def test_an_act_without_the_token_does_nothing(console):
    before = console.till.state()["environment"]
    assert console.refused("POST", "/environment", {"lux": 7}, token=False) == (401, "C401")
    assert console.till.state()["environment"] == before


@pytest.mark.parametrize("origin", ["https://shop.example", "http://127.0.0.1", "http://localhost:1", "null", "http://127.0.0.1.example:80"])
def test_another_site_is_turned_away_even_with_the_token(console, origin):
    assert console.refused("POST", "/key", {"key": "1"}, Origin=origin) == (403, "C403")
    assert console.refused("GET", "/events", Origin=origin) == (403, "C403")


@pytest.mark.parametrize("host", ["shop.example", "127.0.0.1:1", "localhost", "127.0.0.1.example:80"])
def test_another_name_for_this_machine_is_turned_away(console, host):
    assert console.refused("GET", "/state", Host=host) == (403, "C403")
    assert console.refused("GET", "/", token=False, Host=host) == (403, "C403")


def test_its_own_page_may_ask(console):
    for name in ("127.0.0.1", "localhost"):
        assert console.raw("GET", "/state", Origin="http://%s:%d" % (name, console.server.port))[0] == 200


def test_a_file_outside_the_page_is_not_served(console):
    for path in ("/static/../server.py", "/static/%2e%2e/server.py", "/static/..%2fserver.py", "/static//etc/passwd", "/static/nothing"):
        assert console.raw("GET", path, token=False)[0] in (404, 401), path


NONSENSE = [
    (b"", 400), (b"{", 400), (b"\xff\xfe", 400), (b"[1]", 400), (b"null", 400), (b"NaN", 400), (b'{"key": NaN}', 400), (b"[" * 60_000, 400),
    (b'{"key": 5}', 400), (b'{"key": null}', 400), (b'{"key": ["5"]}', 400), (b'{"key": "5", "hold_ms": "90"}', 400),
    (b'{"key": "5", "hold_ms": true}', 400), (b'{"key": "5", "hold_ms": 1' + b"0" * 5000 + b"}", 400), (b'{"key": "5", "hold_ms": 1e999}', 422),
    (b"{}", 422), (b'{"key": "E"}', 422), (b'{"key": ""}', 422), (b'{"key": "55"}', 422), (b'{"key": "5", "hold_ms": 19}', 422),
    (b'{"key": "5", "hold_ms": 20001}', 422), (b'{"key": "5", "colour": "red"}', 422), (b'{"key": "5", "action": "kick"}', 422),
    (b'{"key": "\\ud800"}', 422), (b'{"key": "5", "\\ud800": 1}', 422), (b" " * 70_000, 413)]


@pytest.mark.parametrize("body, status", NONSENSE, ids=lambda value: repr(value)[:30])
def test_nonsense_is_refused_in_words_and_nothing_happens(console, body, status):
    assert console.refused("POST", "/key", body) == (status, "C%d" % status)
    assert console.till.state()["screen"]["name"] in ("", "starting", "closed", "ready")


@pytest.mark.parametrize("path, body, code", [
    ("/tap", {"card": "no-such-card"}, "C404"), ("/tap", {"card": "visa", "pulled_at": 0}, "C422"),
    ("/tap", {"card": "visa", "action": "pull"}, "C409"),
    ("/tap", {"card": "visa", "hold_ms": 60_001}, "C422"), ("/fault", {"fault": "flood"}, "C422"), ("/fault", {"fault": "key_stuck"}, "C422"),
    ("/fault", {"fault": "power_off", "key": "5"}, "C422"), ("/fault", {"fault": "power_on"}, "C409"), ("/fault", {"fault": "__init__"}, "C422"),
    ("/fault", {"fault": "sensor", "sensor": "rtc", "how": "late"}, "C422"), ("/fault", {"fault": "sensor", "sensor": "nose"}, "C422"),
    ("/environment", {}, "C422"), ("/environment", {"lux": -1}, "C422"), ("/environment", {"lux": 5, "case_c": 111}, "C422"),
    ("/environment", {"bank": "closed"}, "C422"), ("/environment", {"mains": 1}, "C400"), ("/environment", {"weather": "storm"}, "C422"),
    ("/time", {}, "C422"), ("/time", {"pace": "x10", "step_ms": 5}, "C422"), ("/time", {"step_ms": 0}, "C422"),
    ("/time", {"to": "yesterday"}, "C422"),
    ("/paper", {"action": "eat"}, "C422"), ("/paper", {"action": "tear"}, "C409"), ("/reset", {"all": True}, "C422"),
    ("/settings", {"owner": [1]}, "C400"), ("/settings", {}, "C422")])
def test_what_cannot_be_is_refused_by_its_code(console, path, body, code):
    before = console.till.state()["environment"]
    assert console.refused("POST", path, body) == (int(code[1:]), code)
    assert console.till.state()["environment"] == before


def test_an_unknown_path_method_row_and_paper_are_refused_in_words(console):
    assert console.refused("GET", "/no-such-path") == (404, "C404")
    assert console.refused("GET", "/key") == (405, "C405")
    assert console.refused("DELETE", "/state") == (405, "C405")
    assert console.refused("GET", "/explain/99.99") == (404, "C404")
    assert console.refused("GET", "/explain/" + "9" * 300) == (404, "C404")
    assert console.refused("GET", "/paper.png?n=7") == (404, "C404")
    assert console.refused("GET", "/events") == (400, "C400")
    for path in ("/paper.txt?n=-1", "/paper.txt?n=x", "/screen.png?scale=9", "/happened?limit=0", "/happened?after=1e9"):
        assert console.refused("GET", path) == (422, "C422"), path


def test_a_flood_is_stopped_and_the_console_lives_on():
    with Console(acts_a_second=20) as console:
        told = [console.raw("POST", "/environment", {"lux": n})[0] for n in range(60)]
        assert told[:20] == [200] * 20 and 429 in told
        assert console.raw("GET", "/health")[1]["ok"]


def test_a_socket_that_dies_in_the_middle_disturbs_nobody(console):
    half = "POST /key HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\nContent-Length: 500\r\n\r\n{" % (
        console.server.port, console.server.token)
    for sent in (b"POST /key HTTP/1.1\r\nHo", half.encode(), b"\x16\x03\x01\x00\xff", b"\x00" * 9000):
        with socket.create_connection(("127.0.0.1", console.server.port), 10) as link:
            link.sendall(sent)
    assert console.till.get("health")["ok"] and console.till.state()["powered"]


def test_no_card_number_is_told_in_clear(console):
    told = json.dumps([console.till.cards(), console.till.state(), console.till.happened()])
    assert all(person.pan not in told for person in map(console.bench.wallet.person, console.bench.wallet.names()))


# the command

def begun(*words):
    process = subprocess.Popen([COMMAND, "--json", "run", "--no-browser", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline())["url"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_one_address_and_ends_cleanly(number):
    process, url = begun()
    till = Till.connect(url)
    till.wait_name("ready")
    process.send_signal(number)
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out, error) == (0, "", "")
    with pytest.raises(NotThere):
        till.state()


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run([COMMAND, "run", "--no-browser", "--http", str(port)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.count("\n") == 1 and str(port) in done.stderr


def test_with_a_state_folder_the_terminal_remembers_and_cannot_be_recorded(tmp_path):
    for turn in range(2):
        with Till.start("--state", str(tmp_path / "shop")) as till:
            till.wait_name("ready")
            assert len(till.books()["rows"]) == turn
            till.keys("100D")
            till.wait_screen("Tap a card")
            till.tap("visa")
            till.wait_screen("Approved")
            for ask in (till.recording, till.reset):
                with pytest.raises(Refused) as refused:
                    ask()
                assert refused.value.code == "C409"
            till.time(pace="x10")
            till.wait_name("ready")
