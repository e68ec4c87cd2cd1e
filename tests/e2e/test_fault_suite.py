"""The cheapest cells of the fault suite, and its machine: `make faults` runs all cells."""

from pathlib import Path

import pytest

from faults import matrix
from faults.machine import Machine
from faults.pattern import Scene
from faults.patterns import PATTERNS
from faults.way import opened
from local.api import Api
from local.cloud import free_port
from local.stack import Stack
from tests.receiver import Receiver


@pytest.mark.parametrize(("name", "fault"), [("http-stock", "kill"), ("http-users", "delay")])
def test_a_pattern_loses_nothing_under_a_fault(
    stack: Stack, api: Api, name: str, fault: str
) -> None:
    with Receiver() as receiver:
        scene = Scene(stack, api, receiver)
        pattern = PATTERNS[name](scene)
        with opened(scene, [pattern]) as way:
            account = matrix.run(way, matrix.prepared(pattern, fault, 4))

    assert account.failures() == []
    assert (account.accepted, account.lost) == (4, 0)


def test_a_store_that_is_restarted_has_its_rows_and_messages(tmp_path: Path) -> None:
    seen: list[str] = []
    with Machine(tmp_path / "machine", free_port()) as machine:
        sqs, s3 = machine.cloud.client("sqs"), machine.cloud.client("s3")
        url = sqs.create_queue(QueueName="queue")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="kept")
        s3.create_bucket(Bucket="bucket")
        s3.put_object(Bucket="bucket", Key="key", Body=b"kept")

        machine.restart(meanwhile=lambda: seen.append("down"), quiet=0)

        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
        assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"kept"
    assert (seen, message["Body"]) == (["down"], "kept")
