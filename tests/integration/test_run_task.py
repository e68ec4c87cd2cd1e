"""Doing the work of a task."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from moto.ses.models import ses_backends

from interchange import claims, clock, store, tasks, users
from interchange.trace import Trace
from message_queue import lifecycle
from message_queue.steering import pacing
from tests.architecture import ACCOUNT, REGION, Json
from tests.aws_events import queue
from tests.faults import ProcessDied, calls_counted, death_after_call, hooked, refusing
from tests.moto_cloud import Cloud

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
MAIL = {"recipient": "ada@example.com", "subject": "Zoë's order", "body": "It has shipped."}
NOW = clock.now()
LEASE = timedelta(seconds=60)
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def mails(cloud: Cloud) -> list[Any]:
    """What SES has sent."""
    sent: list[Any] = ses_backends[ACCOUNT][REGION].sent_messages
    sent.clear()
    return sent


def put_task(cloud: Cloud, **given: Any) -> str:
    task = tasks.row(
        id="tsk_1", type="email_notification", payload=MAIL, now=clock.rfc3339(NOW), trace=TRACE
    )
    store.put_new(cloud.name("TasksTable"), task | given)
    return cloud.name("TasksTable")


def task(cloud: Cloud) -> Json:
    return store.get(cloud.name("TasksTable"), {"id": "tsk_1"}) or {}


def run(cloud: Cloud, id: str = "tsk_1") -> bool:
    """Hand the worker a message; say whether the message is gone."""
    answer: Json = cloud.invoke("RunTaskFunction", queue({"task_id": id, **TRACE._asdict()}))
    return not answer["batchItemFailures"]


def in_an_hour() -> str:
    return clock.rfc3339(NOW + AN_HOUR)


def an_hour_ago() -> str:
    return clock.rfc3339(NOW - AN_HOUR)


def test_a_due_task_is_done_and_says_so(cloud: Cloud, mails: list[Any]) -> None:
    put_task(cloud)

    assert run(cloud)

    found = task(cloud)
    assert (found["status"], found["attempts"]) == ("succeeded", 1)
    assert found["started_at"] <= found["ended_at"]
    assert not found.keys() & {"fence", "lease_ends_at", "error"}
    assert [mail.destinations["ToAddresses"] for mail in mails] == [["ada@example.com"]]


def test_the_mail_is_what_the_caller_wrote_and_names_its_task(cloud: Cloud) -> None:
    put_task(cloud)
    calls: list[Json] = []

    with hooked("provide-client-params.sesv2.SendEmail", lambda params, **_: calls.append(params)):
        run(cloud)

    content = calls[0]["Content"]["Simple"]
    assert content["Subject"]["Data"] == "Zoë's order"
    assert content["Body"]["Text"]["Data"] == "It has shipped."
    assert content["Headers"] == [{"Name": "X-Interchange-Task", "Value": "tsk_1"}]
    assert calls[0]["FromEmailAddress"] == cloud.resolver.parameters["SenderAddress"]


@pytest.mark.parametrize("state", ["succeeded", "dead", "cancelled"])
def test_a_task_that_has_ended_is_not_done_again(
    cloud: Cloud, mails: list[Any], state: str
) -> None:
    put_task(cloud, status=state)

    assert run(cloud)
    assert (mails, task(cloud)["status"]) == ([], state)


def test_a_task_that_is_gone_is_over(cloud: Cloud) -> None:
    assert run(cloud)


@pytest.mark.parametrize(
    "waiting",
    [
        {"status": "queued", "due_at": in_an_hour()},
        {"status": "retry_wait", "due_at": in_an_hour()},
        {"status": "running", "fence": "other", "lease_ends_at": in_an_hour()},
    ],
    ids=["not due", "not due again", "held"],
)
def test_a_task_that_lives_keeps_its_message(cloud: Cloud, mails: list[Any], waiting: Json) -> None:
    put_task(cloud, **waiting)
    before = task(cloud)

    assert not run(cloud)
    assert (mails, task(cloud)) == ([], before)


@pytest.mark.parametrize(
    "ready",
    [
        {"status": "retry_wait", "due_at": an_hour_ago(), "attempts": 2},
        {"status": "running", "fence": "dead", "lease_ends_at": an_hour_ago(), "attempts": 2},
    ],
    ids=["due again", "its worker died"],
)
def test_a_task_is_taken_up_again(cloud: Cloud, mails: list[Any], ready: Json) -> None:
    put_task(cloud, **ready)

    assert run(cloud)
    assert (task(cloud)["status"], task(cloud)["attempts"], len(mails)) == ("succeeded", 3, 1)


def test_a_worker_whose_lease_ran_out_has_no_say(cloud: Cloud) -> None:
    table = put_task(cloud)
    zombie = lifecycle.claim(table, "tsk_1", now=NOW, lease=LEASE)
    heir = lifecycle.claim(table, "tsk_1", now=NOW + AN_HOUR, lease=LEASE)

    with pytest.raises(claims.Lost):
        lifecycle.succeed(zombie, result=None, now=NOW + AN_HOUR, kept=LEASE)
    with pytest.raises(claims.Lost):
        lifecycle.fail(zombie, code="x", detail=".", again=False, base=1, now=NOW)

    lifecycle.succeed(heir, result=None, now=NOW + AN_HOUR, kept=LEASE)
    assert task(cloud)["status"] == "succeeded"


def test_a_claim_that_is_lost_on_the_way_is_its_heirs_and_the_message_is_gone(cloud: Cloud) -> None:
    table = put_task(cloud)

    def heir(**_: Any) -> None:
        lifecycle.claim(table, "tsk_1", now=NOW + AN_HOUR, lease=LEASE)

    with hooked("after-call.sesv2.SendEmail", heir):
        assert run(cloud)

    assert (task(cloud)["status"], task(cloud)["attempts"]) == ("running", 2)


@pytest.mark.parametrize(
    "code", ["TooManyRequestsException", "SendingPausedException", "Throttling"]
)
def test_what_ses_may_take_later_is_tried_again(cloud: Cloud, code: str) -> None:
    put_task(cloud)

    with refusing("sesv2", "SendEmail", code, 429):
        assert run(cloud)

    found = task(cloud)
    assert (found["status"], found["attempts"]) == ("retry_wait", 1)
    assert found["error"] == {
        "code": "email_refused",
        "detail": f"SES answered {code}.",
        "at": found["retried_at"],
        "attempt": 1,
    }
    assert found["retried_at"] <= found["due_at"]


def test_where_ses_cannot_be_reached_the_task_is_tried_again(cloud: Cloud) -> None:
    put_task(cloud)

    def away(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://email")

    with hooked("before-call.sesv2.SendEmail", away):
        assert run(cloud)

    assert (task(cloud)["status"], task(cloud)["error"]["code"]) == (
        "retry_wait",
        "email_unreachable",
    )


@pytest.mark.parametrize("code", ["MessageRejected", "BadRequestException"])
def test_what_ses_will_never_take_is_dead_at_once(cloud: Cloud, code: str) -> None:
    put_task(cloud)

    with refusing("sesv2", "SendEmail", code):
        assert run(cloud)

    found = task(cloud)
    assert (found["status"], found["attempts"]) == ("dead", 1)
    assert found["error"]["code"] == "email_refused"


def test_a_task_whose_attempts_all_fail_is_dead_and_says_why(cloud: Cloud) -> None:
    put_task(cloud, attempts=4)

    with refusing("sesv2", "SendEmail", "TooManyRequestsException", 429):
        assert run(cloud)

    found = task(cloud)
    assert (found["status"], found["attempts"]) == ("dead", 5)
    assert (found["error"]["attempt"], found["error"]["code"]) == (5, "email_refused")


def test_a_task_that_killed_every_worker_is_dead_and_does_not_kill_another(
    cloud: Cloud, mails: list[Any]
) -> None:
    put_task(cloud, status="running", fence="dead", lease_ends_at=an_hour_ago(), attempts=5)

    assert run(cloud)

    assert mails == []
    assert (task(cloud)["status"], task(cloud)["error"]["code"]) == ("dead", "worker_lost")


@pytest.mark.parametrize(
    "broken", [{"type": "fax"}, {"payload": "{"}, {"payload": '{"recipient": "nobody"}'}]
)
def test_a_task_that_cannot_be_done_ends_no_worker(cloud: Cloud, broken: Json) -> None:
    put_task(cloud, **broken)

    assert run(cloud)

    found = task(cloud)
    assert (found["status"], found["error"]["code"]) == ("retry_wait", "unexpected")
    assert "nobody" not in found["error"]["detail"]


def test_an_outcome_that_cannot_be_written_keeps_the_message(cloud: Cloud) -> None:
    put_task(cloud)

    with refusing("dynamodb", "UpdateItem", "ThrottlingException"):
        assert not run(cloud)

    assert task(cloud)["status"] == "queued"


@pytest.mark.parametrize("body", [{}, [], "tsk_1"])
def test_a_message_that_names_no_task_comes_back_for_the_dead_letter_queue(
    cloud: Cloud, body: Any
) -> None:
    answer = cloud.invoke("RunTaskFunction", queue(body))

    assert len(answer["batchItemFailures"]) == 1


def sent(cloud: Cloud) -> Json:
    """Run the task, and give what SES was asked for."""
    calls: list[Json] = []
    with hooked("provide-client-params.sesv2.SendEmail", lambda params, **_: calls.append(params)):
        run(cloud)
    return calls[0]


def test_a_mail_may_be_html_with_text_beside_it_or_without(cloud: Cloud) -> None:
    for body, parts in (("", {"Html"}), ("Hello", {"Html", "Text"})):
        cloud.clear()
        mail: Json = {**MAIL, "body": body, "html": "<p>Hello</p>"}
        put_task(cloud, payload=json.dumps(mail))
        assert sent(cloud)["Content"]["Simple"]["Body"].keys() == parts


def test_what_a_task_came_to_is_kept_unless_nobody_wants_it(cloud: Cloud) -> None:
    put_task(cloud)
    run(cloud)
    assert "message_id" in json.loads(task(cloud)["result"])

    cloud.clear()
    put_task(cloud, drop_result=True)
    run(cloud)
    assert (task(cloud)["status"], "result" in task(cloud)) == ("succeeded", False)


def test_a_task_that_came_too_late_expires_undone_which_is_no_fault_of_ours(
    cloud: Cloud, mails: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    put_task(cloud, expires_at=an_hour_ago())

    assert run(cloud)

    assert (task(cloud)["status"], task(cloud)["attempts"], mails) == ("expired", 0, [])
    lines = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert {each.get("level", "INFO") for each in lines} == {"INFO"}
    assert [each["TaskExpired"] for each in lines if "TaskExpired" in each] == [1]


def test_each_failure_is_on_record_with_its_class_and_time(cloud: Cloud) -> None:
    put_task(cloud)
    for _ in range(2):
        with refusing("sesv2", "SendEmail", "TooManyRequestsException", 429):
            run(cloud)
        cloud_now = {"due_at": an_hour_ago(), "id": "tsk_1"}
        store.update(
            cloud.name("TasksTable"),
            {"id": "tsk_1"},
            "SET #due_at = :due_at",
            when="#id = :id",
            values=cloud_now,
        )

    history = task(cloud)["history"]
    assert [(each["attempt"], each["code"]) for each in history] == [
        (1, "email_refused"),
        (2, "email_refused"),
    ]
    assert all(each["started_at"] <= each["at"] for each in history)


def put_users(cloud: Cloud, count: int) -> None:
    for number in range(count):
        email = f"user{number}@example.com"
        origin = "imported" if number % 3 else "registered"
        row = users.row(email=email, name="U", origin=origin, now="2026-01-15", trace=TRACE)
        store.put_new(cloud.name("UsersTable"), row)


def put_report(cloud: Cloud, *, page_size: int = 1000) -> None:
    put_task(cloud, type="users_report", payload=json.dumps({"page_size": page_size}))


def test_a_report_counts_every_user_once(cloud: Cloud) -> None:
    put_users(cloud, 7)
    put_report(cloud)

    assert run(cloud)

    assert json.loads(task(cloud)["result"]) == {
        "total": 7,
        "by_origin": {"imported": 4, "registered": 3},
        "by_month": {"2026-01": 7},
    }


def test_long_work_goes_on_in_slices_at_no_attempts_cost(cloud: Cloud) -> None:
    put_users(cloud, 7)
    put_report(cloud, page_size=2)
    slices = 0

    while task(cloud)["status"] != "succeeded":
        answer = cloud.invoke("RunTaskFunction", queue({"task_id": "tsk_1"}), LEASE_SECONDS="0")
        assert answer["batchItemFailures"] == []
        slices += 1

    assert (slices, task(cloud)["attempts"]) == (4, 1)
    assert json.loads(task(cloud)["result"])["total"] == 7
    assert json.loads(task(cloud)["progress"]) == {"users": 6}


def test_an_ordered_tasks_message_stays_at_its_lanes_head_until_its_last_slice(
    cloud: Cloud,
) -> None:
    put_users(cloud, 7)
    payload = json.dumps({"page_size": 2})
    put_task(cloud, type="users_report", payload=payload, ordering_key="k")
    body = {"task_id": "tsk_1", "type": "users_report", "ordered": True}
    kept, waits = [], []

    with hooked(
        "provide-client-params.sqs.ChangeMessageVisibility",
        lambda params, **_: waits.append(params["VisibilityTimeout"]),
    ):
        while task(cloud)["status"] in lifecycle.WAITING:
            answer = cloud.invoke("RunTaskFunction", queue(body), LEASE_SECONDS="0")
            kept.append(bool(answer["batchItemFailures"]))

    assert (kept, waits) == ([True, True, True, False], [0, 0, 0])
    assert (task(cloud)["status"], task(cloud)["attempts"]) == ("succeeded", 1)
    assert json.loads(task(cloud)["result"])["total"] == 7


def test_work_whose_worker_died_goes_on_from_its_last_checkpoint(cloud: Cloud) -> None:
    put_users(cloud, 7)
    put_report(cloud, page_size=2)
    with death_after_call(3), pytest.raises(ProcessDied):  # pauses, claim, checkpoint
        run(cloud)
    change, values = "SET #lease_ends_at = :past", {"past": an_hour_ago(), "id": "tsk_1"}
    key = {"id": "tsk_1"}
    store.update(cloud.name("TasksTable"), key, change, when="#id = :id", values=values)

    with calls_counted() as calls:
        cloud.invoke("RunTaskFunction", queue({"task_id": "tsk_1"}))

    assert json.loads(task(cloud)["result"])["total"] == 7
    assert task(cloud)["attempts"] == 2
    assert calls.count("UpdateItem") == 4  # claim, two checkpoints, the end


def test_cancelled_work_stops_at_its_next_checkpoint(cloud: Cloud) -> None:
    put_users(cloud, 7)
    put_report(cloud, page_size=2)

    def cancel(**_: Any) -> None:
        lifecycle.ask_to_stop(cloud.name("TasksTable"), "tsk_1", now=NOW)

    with hooked("before-call.dynamodb.Scan", cancel):
        assert run(cloud)

    found = task(cloud)
    assert (found["status"], json.loads(found["progress"])) == ("cancelled", {"users": 2})


def test_a_task_that_is_not_due_is_looked_at_again_when_it_is(cloud: Cloud) -> None:
    put_task(cloud, due_at=clock.rfc3339(clock.now() + timedelta(seconds=90)))
    asked: list[Json] = []

    with hooked(
        "provide-client-params.sqs.ChangeMessageVisibility",
        lambda params, **_: asked.append(params),
    ):
        assert not run(cloud)

    assert 80 <= asked[0]["VisibilityTimeout"] <= 91


def test_an_ordered_task_that_fails_keeps_its_message_and_its_place(cloud: Cloud) -> None:
    put_task(cloud, ordering_key="order-7")

    with refusing("sesv2", "SendEmail", "TooManyRequestsException", 429):
        assert not run(cloud)
    assert task(cloud)["status"] == "retry_wait"

    with refusing("sesv2", "SendEmail", "MessageRejected"):
        store.update(
            cloud.name("TasksTable"),
            {"id": "tsk_1"},
            "SET #due_at = :due_at",
            when="#id = :id",
            values={"due_at": an_hour_ago(), "id": "tsk_1"},
        )
        assert run(cloud)  # dead: the lane goes on
    assert task(cloud)["status"] == "dead"


def test_mails_are_begun_as_fast_as_ses_grants_and_the_others_wait_their_turn(
    cloud: Cloud, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)  # no test is as fast as its clock
    hint = {"type": "email_notification", "priority": "normal", **TRACE._asdict()}
    for number in range(4):
        id = f"tsk_{number}"
        put_task(cloud, id=id)
        cloud.invoke("RunTaskFunction", queue({"task_id": id, **hint}), EMAILS_PER_SECOND="1")

    rows = [store.get(cloud.name("TasksTable"), {"id": f"tsk_{each}"}) or {} for each in range(4)]
    waiting = [each for each in rows if each["status"] == "scheduled"]
    assert len(mails) + len(waiting) == 4
    assert waiting
    assert all((each["attempts"], each["admitted"]) == (0, True) for each in waiting)

    body = {"task_id": waiting[-1]["id"], "admitted": True, **hint}
    assert cloud.invoke("RunTaskFunction", queue(body))["batchItemFailures"]  # not yet due


def turns_taken(cloud: Cloud, count: int = 1) -> Any:
    """Take turns of the mails' at one a second; give the last."""
    table, name = cloud.name("SteeringTable"), "type:email_notification"
    return pacing.take_turns(table, name, count, per_second=1, now=clock.now())[-1]


def test_an_ordered_mail_is_sent_at_the_turn_it_took_however_often_its_message_comes(
    cloud: Cloud, mails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_task(cloud, ordering_key="k")
    body = {"task_id": "tsk_1", "type": "email_notification", "ordered": True}
    monkeypatch.setattr(clock, "now", lambda: NOW)
    last = turns_taken(cloud, 10)

    for wait in range(9):  # its turn is nine seconds away
        monkeypatch.setattr(clock, "now", lambda wait=wait: NOW + timedelta(seconds=wait))
        answer = cloud.invoke("RunTaskFunction", queue(body), EMAILS_PER_SECOND="1")
        assert answer["batchItemFailures"]
    assert (mails, task(cloud)["attempts"], task(cloud)["admitted"]) == ([], 0, True)
    assert task(cloud)["due_at"] == clock.rfc3339(last + timedelta(seconds=1))
    assert turns_taken(cloud) - last == timedelta(seconds=2)  # of all receives one took a turn

    monkeypatch.setattr(clock, "now", lambda: last + timedelta(seconds=1))
    assert not cloud.invoke("RunTaskFunction", queue(body))["batchItemFailures"]
    assert (len(mails), task(cloud)["status"]) == (1, "succeeded")


def test_an_ordered_mail_that_fails_takes_another_turn(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_task(cloud, ordering_key="k", admitted=True)
    body = {"task_id": "tsk_1", "type": "email_notification", "ordered": True}
    with refusing("sesv2", "SendEmail", "TooManyRequestsException", 429):
        assert cloud.invoke("RunTaskFunction", queue(body))["batchItemFailures"]

    later = clock.now() + AN_HOUR
    monkeypatch.setattr(clock, "now", lambda: later)
    last = turns_taken(cloud, 30)
    assert cloud.invoke("RunTaskFunction", queue(body), EMAILS_PER_SECOND="1")["batchItemFailures"]

    found = task(cloud)
    assert (found["status"], found["attempts"], found["admitted"]) == ("scheduled", 1, True)
    assert clock.parse(found["due_at"]) > last


def test_an_ordered_mail_that_is_over_or_early_takes_no_turn(cloud: Cloud) -> None:
    body = {"task_id": "tsk_1", "type": "email_notification", "ordered": True}
    for given in ({"status": "cancelled"}, {"due_at": in_an_hour(), "status": "retry_wait"}):
        cloud.clear()
        put_task(cloud, ordering_key="k", **given)
        cloud.invoke("RunTaskFunction", queue(body))
        assert cloud.rows("SteeringTable") == []


def test_what_is_measured_has_the_tasks_type(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    put_task(cloud)
    run(cloud)

    lines = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    measured = {
        metric["Name"]: line["type"]
        for line in lines
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", [])
        for metric in directive["Metrics"]
        if "type" in line
    }
    assert measured == dict.fromkeys(
        ("TaskDwell", "TaskSucceeded", "TaskAttempt"), "email_notification"
    )


def test_what_is_over_goes_in_time_and_what_is_dead_waits_for_a_person(cloud: Cloud) -> None:
    put_task(cloud)
    run(cloud)
    month = clock.now() + timedelta(days=int(cloud.resolver.parameters["RetentionDays"]))
    assert task(cloud)["expires_epoch"] == pytest.approx(month.timestamp(), abs=60)

    cloud.clear()
    put_task(cloud, max_attempts=1)
    with refusing("sesv2", "SendEmail", "MessageRejected"):
        run(cloud)
    assert task(cloud)["status"] == "dead"
    assert "expires_epoch" not in task(cloud)


def test_what_scheduler_sends_gets_its_group_before_it_is_done(
    cloud: Cloud, mails: list[Any]
) -> None:
    put_task(cloud, status="scheduled", fairness_key="tenant-a")
    late = {"task_id": "tsk_1", "type": "email_notification", "ungrouped": True}

    for _ in range(2):  # Scheduler sends at least once
        answer = cloud.invoke("RunTaskFunction", queue(late | TRACE._asdict()))
        assert not answer["batchItemFailures"]
    assert (mails, task(cloud)["attempts"]) == ([], 0)

    cloud.carry("DispatchTasksFunction", "TasksTable")
    (message,) = cloud.messages("TasksQueue")
    assert "ungrouped" not in message["Body"]
    assert run(cloud)
    assert len(mails) == 1


def test_what_scheduler_sends_early_keeps_its_message(cloud: Cloud) -> None:
    put_task(cloud, status="scheduled", fairness_key="tenant-a", due_at=in_an_hour())
    late = {"task_id": "tsk_1", "ungrouped": True, **TRACE._asdict()}

    assert len(cloud.invoke("RunTaskFunction", queue(late))["batchItemFailures"]) == 1
    assert task(cloud)["due_at"] == in_an_hour()
