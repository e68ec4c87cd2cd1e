"""Following a task."""

from interchange import store, tasks
from interchange.trace import Trace
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud

AT = "2026-01-15T09:30:00.000Z"
FAILURE = {"code": "email_refused", "detail": ".", "attempt": 1, "at": AT, "started_at": AT}


def get(cloud: Cloud, id: str = "tsk_1") -> Json:
    answer: Json = cloud.invoke("GetTaskFunction", request("GET", "/api/tasks/{id}", id=id))
    return answer


def test_a_task_is_shown_without_its_payload_and_its_workers_secrets(cloud: Cloud) -> None:
    mail = {"recipient": "ada@example.com"}
    task = tasks.row(
        id="tsk_1", type="email_notification", payload=mail, now=AT, trace=Trace("c", "t")
    )
    store.put_new(
        cloud.name("TasksTable"),
        task
        | {"fence": "f", "lease_ends_at": AT, "started_at": AT, "result": '{"sent": 1}'}
        | {"progress": '{"rows": 2}', "history": [FAILURE]},
    )

    answer = get(cloud)

    assert answer["statusCode"] == 200
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert body_of(answer) == {
        "id": "tsk_1",
        "type": "email_notification",
        "status": "queued",
        "attempts": 0,
        "max_attempts": 5,
        "created_at": AT,
        "due_at": AT,
        "started_at": AT,
        "priority": "normal",
        "failures": [FAILURE],
        "progress": {"rows": 2},
        "result": {"sent": 1},
        "version": 1,
    }


def test_an_unknown_task_is_not_found(cloud: Cloud) -> None:
    assert refusal(get(cloud)) == (404, "task_not_found")
