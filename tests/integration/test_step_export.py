"""The steps of an export: what fails is tried again, and given up in the end."""

import pytest

from batch_processing import steps
from batch_processing.exporting import segments
from tests.answers import body_of
from tests.architecture import Json
from tests.exports import Exports, put_users
from tests.faults import refusing
from tests.moto_cloud import Cloud


def begun(cloud: Cloud) -> tuple[Exports, Json]:
    """Give an export of one segment, and the message of its first step."""
    put_users(cloud, "Ada", "Bob", "Cy")
    exports = Exports(cloud, segments=1)
    job_id = body_of(exports.start())["id"]
    exports.advance()
    return exports, {"job_id": job_id, "part": "segment#0000", "step": 1}


@pytest.mark.parametrize(
    ("service", "operation"), [("dynamodb", "Scan"), ("s3", "PutObject"), ("dynamodb", "GetItem")]
)
def test_a_segment_that_cannot_be_read_comes_back(
    cloud: Cloud, service: str, operation: str
) -> None:
    exports, message = begun(cloud)

    with refusing(service, operation, "InternalError", 500):
        assert not exports.work(message)

    job = exports.finish(message["job_id"])
    assert (job["status"], job["counts"]["exported"]) == ("completed", 3)


def test_an_export_that_never_succeeds_fails_and_leaves_nothing(cloud: Cloud) -> None:
    exports, message = begun(cloud)
    with refusing("dynamodb", "Scan", "InternalServerError", 500):
        for _ in range(3):
            assert not exports.work(message, RECEIVES="5")
        assert exports.row(message["job_id"])["status"] == "running"
        assert exports.work(message, RECEIVES="5")

    job = exports.finish(message["job_id"])

    assert (job["status"], job["error"]["code"]) == ("failed", "export_failed")
    assert exports.keys(message["job_id"]) == []
    (event,) = exports.told()
    assert event["data"]["status"] == "failed"


def test_what_cannot_be_deleted_is_deleted_later(cloud: Cloud) -> None:
    exports, message = begun(cloud)
    job_id = message["job_id"]
    while exports.row(job_id)["status"] != "completed":
        exports.steps()
        exports.advance()
    clear = {"job_id": job_id, "part": "job", "step": exports.row(job_id)["step"]}

    with refusing("s3", "DeleteObjects", "SlowDown", 503):
        assert not exports.work(clear)
    assert len(exports.keys(job_id)) > 1

    assert exports.work(clear)
    assert exports.keys(job_id) == ["users.csv"]


def test_a_step_of_no_export_is_past(cloud: Cloud) -> None:
    exports, message = begun(cloud)

    assert exports.work(message | {"job_id": "job_none"})
    assert exports.work(message | {"step": 7})


def test_only_the_latest_attempt_at_a_step_commits(cloud: Cloud) -> None:
    exports, message = begun(cloud)
    table, found = cloud.name("ExportsTable"), []
    for _ in range(2):
        at_work = steps.begin(table, **message, during=("running",))
        assert at_work is not None
        found.append(at_work)
    read = segments.Read(None, rows=3, exported=0, object=None, bytes=0)

    assert segments.commit(table, found[0], read, then="done") is None
    assert exports.row(message["job_id"], message["part"])["status"] == "running"
    assert segments.commit(table, found[1], read, then="done") is not None
