"""Send messages to queues, ten a call, all of them or a raise."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from interchange import aws

LONGEST_DELAY_SECONDS = 900  # of an SQS message

_ENTRIES = 10  # of SNS PublishBatch and SQS SendMessageBatch
_BYTES = 250_000  # both take 262,144 a call, attributes included


class NotTaken(Exception):
    """SQS took only some; send all again, receivers recognise what they have."""


@dataclass(frozen=True, slots=True)
class Message:
    """A body for a queue, how long it is to keep it back, and whose it is, where queues are fair.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
    """

    body: str
    delay_seconds: int = 0
    group: str | None = None


def send(queue_url: str, messages: Iterable[Message]) -> None:
    """Send messages to one queue; return once SQS has them all, or NotTaken."""
    for batch in batches(messages, size=lambda message: len(message.body)):
        entries: list[Any] = [
            {"Id": str(index), "MessageBody": each.body, "DelaySeconds": each.delay_seconds}
            | ({} if each.group is None else {"MessageGroupId": each.group})
            for index, each in enumerate(batch)
        ]
        answer = aws.sqs().send_message_batch(QueueUrl=queue_url, Entries=entries)
        if failed := answer.get("Failed"):
            raise NotTaken(", ".join(sorted({each["Code"] for each in failed})))


def batches[T](items: Iterable[T], *, size: Callable[[T], int]) -> Iterator[list[T]]:
    """Cut items into calls: in order, at most ten, within the bytes that one call may have."""
    batch: list[T] = []
    total = 0
    for item in items:
        grown = total + size(item)
        if batch and (len(batch) == _ENTRIES or grown > _BYTES):
            yield batch
            batch, grown = [], size(item)
        batch.append(item)
        total = grown
    if batch:
        yield batch
