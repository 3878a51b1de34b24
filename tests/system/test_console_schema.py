# test_console_schema.py: the console against its own OpenAPI document, by schemathesis: whatever fits the document or does not, no answer is a
# 5xx, and what comes back has the shape that was promised. The examples are the same in every run.
import collections

import pytest
import requests
import schemathesis
from console_rig import Console
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from microtill.console import openapi

POSITIVE, NEGATIVE = 12, 12             # examples of each operation
SHAPES = (content_type_conformance, response_schema_conformance, status_code_conformance)
DOCUMENT = schemathesis.openapi.from_dict(openapi.document())
OPERATIONS = [each.ok() for each in DOCUMENT.get_all_operations()]


@pytest.fixture(scope="module")
def console():
    with Console(acts_a_second=10_000) as console:
        console.till.time(pace="x10")
        yield console


@pytest.fixture(scope="module")
def counts():
    return collections.Counter()


def far(case):
    """Would it take the world to tomorrow? That takes seconds, and other tests go there."""
    return case.path == "/time" and isinstance(case.body, dict) and case.body.get("to") in ("next_event", "tomorrow_0300")


@pytest.mark.parametrize("mode, examples", [(GenerationMode.POSITIVE, POSITIVE), (GenerationMode.NEGATIVE, NEGATIVE)], ids=["good", "bad"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_every_answer_is_as_the_document_says(console, counts, operation, mode, examples):
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=examples, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    def run(case):
        if far(case):
            return
        answer = case.call(base_url=console.server.origin, headers={"Authorization": "Bearer " + console.server.token}, timeout=60)
        case.validate_response(answer, checks=[not_a_server_error])
        counts["all"] += 1
        try:
            case.validate_response(answer, checks=list(SHAPES))
        except Exception as wrong:      # noqa: BLE001  counted: the last test judges the share
            counts["other"] += 1
            counts[str(wrong)[:300]] += 1
    try:
        run()
    except schemathesis.core.errors.SchemathesisError as none:
        pytest.skip("nothing of this kind can be made: %s" % none)


def test_at_least_nine_of_ten_answers_have_the_promised_shape(counts):
    assert counts["all"] > 300 and counts["other"] * 10 <= counts["all"], counts


def test_after_all_that_the_console_still_answers(console):
    assert console.till.get("health")["ok"]
    assert requests.get(console.server.origin + "/state", timeout=60).status_code == 401
