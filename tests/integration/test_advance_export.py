"""Moving exports on: what each change of a job or a segment sends."""

import json

import pytest

from tests.answers import body_of
from tests.architecture import Json
from tests.exports import Exports, put_users
from tests.faults import refusing
from tests.moto_cloud import Cloud


def sent(cloud: Cloud) -> list[Json]:
    return [json.loads(each["Body"]) for each in cloud.messages("ExportStepsQueue")]


def test_every_segment_is_sent_once(cloud: Cloud) -> None:
    exports = Exports(cloud, segments=3)
    job_id = body_of(exports.start())["id"]

    exports.advance()
    assert not exports.advance()

    messages = sent(cloud)
    assert {each["part"] for each in messages} == {f"segment#000{n}" for n in range(3)}
    assert {(each["job_id"], each["step"]) for each in messages} == {(job_id, 1)}
    assert {each["correlation_id"] for each in messages} == {exports.row(job_id)["correlation_id"]}
    assert len(messages) == 3


def test_the_file_is_put_together_with_the_last_segment(cloud: Cloud) -> None:
    put_users(cloud, "Ada", "Bob")
    exports = Exports(cloud)
    job_id = body_of(exports.start())["id"]
    exports.advance()
    first, last = sent(cloud)

    exports.work(first)
    exports.advance()
    assert exports.row(job_id)["status"] == "running"
    exports.work(last)
    exports.advance()
    assert exports.row(job_id)["status"] == "finishing"

    exports.advance()
    assert [(each["part"], each["step"]) for each in sent(cloud)] == [("job", 1)]


def test_a_batch_that_cannot_be_sent_comes_back(cloud: Cloud) -> None:
    exports = Exports(cloud)
    job_id = body_of(exports.start())["id"]

    with (
        refusing("sqs", "SendMessageBatch", "ServiceUnavailable", 503),
        pytest.raises(Exception, match="ServiceUnavailable"),
    ):
        exports.advance()

    assert exports.finish(job_id)["status"] == "completed"
