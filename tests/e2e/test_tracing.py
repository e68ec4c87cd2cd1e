"""One id finds a request's whole story in the logs, across the patterns."""

import json
import time
from functools import partial

import pytest

from local.api import Api, until
from local.cloud import LocalCloudError
from local.deploy import STACK_NAME
from local.log_search import Logs, log_groups
from local.props import ended, stripe_event, stripe_signature
from local.stack import Stack
from local.story import ENDED
from local.timeline import Line, ordered
from local.trace import stories, told
from tests.e2e.test_request_response import JSON

# HTTP, row, event, a subscriber's task, its row, the e-mail, the end: each caused by one before.
REGISTRATION = [
    ("RegisterUser", "Request answered"),
    ("PublishUserEvents", "Change carried"),
    ("WelcomeUser", "Welcome enqueued"),
    ("DispatchTasks", "Change carried"),
    ("RunTask", "E-mail accepted"),
    ("RunTask", "Task succeeded"),
]
LOGGED = ("LogEvent", "Event logged")


@pytest.fixture(scope="module")
def logs(stack: Stack) -> Logs:
    """The logs of the deployed functions, from now on: searching all would keep the cloud busy."""
    now = int(time.time() * 1000)
    found = log_groups(
        stack.client("cloudformation"), stack.client("lambda"), stack_name=STACK_NAME
    )
    return Logs(stack.client("logs"), found, since=now)


def story(logs: Logs, id: str, *last: tuple[str, str]) -> list[Line] | None:
    """Give the one story that an id is in, in order, once it has come to its last lines."""
    found = stories(id, logs)
    lines = ordered(found.popitem()[1]) if len(found) == 1 else []
    return lines if set(last) <= {step(line) for line in lines} else None


def step(line: Line) -> tuple[str, str]:
    return line.function, line.entry["message"]


def test_a_registration_is_told_from_the_request_to_the_mail(
    api: Api, logs: Logs, run: str
) -> None:
    body = json.dumps({"email": f"ada.{run}@example.com", "name": "Ada"}).encode()
    answer = api.call("POST", "/api/users", body, JSON)
    caused_by = answer.headers["x-correlation-id"]

    whole = partial(story, logs, caused_by, LOGGED, REGISTRATION[-1])
    lines = until("the whole story", whole)

    # Once each, in the order of their first times: a worker of a busy machine may have died.
    seen = dict.fromkeys(step(each) for each in lines)
    assert [each for each in seen if each in REGISTRATION] == REGISTRATION
    said = {step(each): each.entry for each in lines}
    user, event = said[REGISTRATION[0]]["made"], said[REGISTRATION[1]]["event_id"]
    task = said[REGISTRATION[2]]["task_id"]
    assert (user, said[REGISTRATION[1]]["id"]) == (answer.body["id"],) * 2
    assert {said[LOGGED]["event_id"], said[REGISTRATION[2]]["event_id"]} == {event}
    assert {said[each].get("id") or said[each]["task_id"] for each in REGISTRATION[3:]} == {task}
    text = told(caused_by, logs)
    assert text.splitlines()[2].split()[:2] == ["0", "ms"]
    assert "example.com" not in text
    for id in (user, event, task, answer.headers["x-request-id"]):
        assert list(stories(id, logs)) == [caused_by]


def test_a_webhook_is_told_from_its_sender_to_the_log(
    api: Api, stack: Stack, logs: Logs, run: str
) -> None:
    body = json.dumps(stripe_event(run)).encode()
    proof = {"stripe-signature": stripe_signature(stack.webhook_secrets["stripe"], body)}
    id = api.call("POST", "/stripe/payment-success", body, JSON | proof).body["id"]

    lines = until("the story", partial(story, logs, id, LOGGED))

    steps = [step(each) for each in lines]
    received = ("ReceiveWebhook", "Request answered")
    published = ("PublishReceived", "Change carried")
    assert steps.index(received) < steps.index(published) < steps.index(LOGGED)


def test_an_import_and_an_export_are_told_to_their_ends(api: Api, logs: Logs, run: str) -> None:
    rows = f"email,name\nada.{run}@example.com,Ada\n".encode()
    answer = api.call("POST", "/api/users/batch", rows, {"content-type": "text/csv"})
    imported = answer.body["id"]
    until("its end", lambda: ended(api, f"/api/users/batch/{imported}", ENDED))
    asked = {"filter": {"email_domain": f"{run}.example"}}
    exported = api.post("/api/users/exports", asked, expect=202).body["id"]

    lines = until("the import", partial(story, logs, imported, ("StepImport", "Import ended")))
    steps = [step(each) for each in lines]
    planned, chunk = ("StepImport", "Import planned"), ("ImportChunk", "Chunk imported")
    assert steps[0] == ("StartImport", "Request answered")
    assert steps.index(planned) < steps.index(chunk)
    put_together = ("StepExport", "Export put together")
    lines = until("the export", partial(story, logs, exported, put_together))
    assert step(lines[0]) == ("StartExport", "Request answered")


def test_an_unknown_id_is_one_sentence(logs: Logs, run: str) -> None:
    with pytest.raises(LocalCloudError, match=run):
        told(run, logs)
