"""The deployed stack does what docs/openapi.json says, whatever is sent.

`make fuzz` runs the same for longer, each time from another seed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.api import Api
from local.cloud import ROOT, STATE
from local.stack import Stack
from tests.e2e.conftest import deployed_without_errors

DOCUMENT = ROOT / "docs/openapi.json"
SETTINGS = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = os.environ.get("EXAMPLES", "3")  # beside the coverage phase, which takes minutes
SEED = os.environ.get("SEED", "1")

# It can sign no webhook, so none is kept; an event may not be in the log yet, no task is dead, a
# replay may be over, and no delivery is there: it makes no endpoint that an event is for. A report
# is of a day before, of the last month, which no document can name, so none is there to be read;
# nor is there a feed. An import or an export may run when its files are asked for, and be over when
# it is cancelled or tried again. Not every run follows a link from an endpoint to its end.
NEVER_ACCEPTED = {
    "GET /webhooks/received/{id}",
    "POST /webhooks/received/{id}/replays",
    "DELETE /events/replays/{id}",
    "POST /stripe/payment-success",
    "POST /webhooks/{source}",
    "GET /events/{id}",
    "POST /api/tasks/{id}/redrives",
    "DELETE /webhook-endpoints/{id}",
    "GET /webhook-deliveries/{id}",
    "POST /webhook-deliveries/{id}/retries",
    "GET /api/reports/daily/latest",
    "GET /api/reports/daily/{date}",
    "POST /api/reports/daily/{date}",
    "POST /api/products/syncs",
    "GET /api/products/syncs/{job_id}",
    "DELETE /api/products/syncs/{job_id}",
    "GET /api/users/batch/{job_id}/results",
    "DELETE /api/users/batch/{job_id}",
    "POST /api/users/batch/{job_id}/retries",
    "GET /api/users/exports/{job_id}/results",
    "DELETE /api/users/exports/{job_id}",
}


def accepted(report: Any) -> set[str]:
    """Name the operations that answered a valid request with a success."""
    return {
        name
        for name, phases in report["valid_rates"].items()
        if any(rates["accepted"] for rates in phases.values())
    }


@pytest.fixture
def fuzzed() -> Iterator[Stack]:
    """A stack of its own: it may order topics or pause queues that other tests stand on."""
    with deployed_without_errors(STATE / f"fuzz-{os.getpid()}") as stack:
        give_time(stack)
        yield stack


def give_time(stack: Stack) -> None:
    """Let functions take as long as a busy machine needs: a worker's end is no answer to judge."""
    functions = stack.client("lambda")
    for page in functions.get_paginator("list_functions").paginate():
        for each in page["Functions"]:
            functions.update_function_configuration(FunctionName=each["FunctionName"], Timeout=60)


def test_every_answer_to_anything_is_one_that_the_description_allows(
    fuzzed: Stack, tmp_path: Path
) -> None:
    found = tmp_path / "report.json"
    where = ["--url", fuzzed.base_url, "--header", f"x-api-key: {fuzzed.api_key}"]
    how = ["--seed", SEED, "--max-examples", EXAMPLES, "--continue-on-failure"]
    report = ["--report", "json", "--report-json-path", str(found)]
    program = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS)]

    run = subprocess.run(
        [*program, "run", str(DOCUMENT), *where, *how, *report],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout
    result = json.loads(found.read_bytes())
    assert result["operations"]["tested"] == result["operations"]["total"]
    assert result["valid_rates"].keys() - accepted(result) <= NEVER_ACCEPTED


def test_the_description_is_served_to_everybody(api: Api) -> None:
    answer = Api(api.base_url, "not-a-key").get("/openapi.json")

    assert answer.status == 200
    assert answer.body == json.loads(DOCUMENT.read_bytes())


def test_the_page_is_served_to_everybody(api: Api) -> None:
    answer = Api(api.base_url, "not-a-key").get("/docs")

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "SwaggerUIBundle(" in answer.body
