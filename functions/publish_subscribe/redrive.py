"""Move dead letters back to their queue: send each, then delete it.

A death in between leaves it in both: twice, which its consumer recognises, and never lost. Ours,
not SQS's own StartMessageMoveTask: that has no answer to wait for (docs/decisions.md).
"""

import hashlib
from collections.abc import Callable
from typing import Any

from interchange import aws
from publish_subscribe.subscriber_queues import Queues

LARGEST = 500  # letters of a call
_AT_ONCE = 10  # SQS hands out no more
_WAIT_SECONDS = 1  # asks all of SQS's servers: a short poll may miss a few letters
_HIDDEN_SECONDS = 60  # longer than a call lasts


def move(queues: Queues, *, going: Callable[[], bool]) -> int:
    """Move letters while it is `going` and there are some, at most LARGEST; give their number."""
    moved = 0
    while going() and moved < LARGEST:
        letters = _letters(queues.dead_letter_queue)
        if not letters:
            break
        for letter in letters:
            _resend(queues, letter)
        moved += len(letters)
    return moved


def _letters(url: str) -> list[Any]:
    answer = aws.sqs().receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=_AT_ONCE,
        VisibilityTimeout=_HIDDEN_SECONDS,
        WaitTimeSeconds=_WAIT_SECONDS,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["MessageGroupId", "MessageDeduplicationId"],
    )
    return list(answer.get("Messages", []))


def _resend(queues: Queues, letter: Any) -> None:
    message: Any = {
        "QueueUrl": queues.queue,
        "MessageBody": letter["Body"],
        "MessageAttributes": letter.get("MessageAttributes", {}),
    }
    in_group = _in_group(letter) if queues.queue.endswith(".fifo") else {}
    aws.sqs().send_message(**message | in_group)
    aws.sqs().delete_message(
        QueueUrl=queues.dead_letter_queue, ReceiptHandle=letter["ReceiptHandle"]
    )


def _in_group(letter: Any) -> dict[str, str]:
    """Keep the group, under a deduplication id that is the same for each try to move this letter.

    By its first id SQS would drop it, within five minutes of when it was sent.
    """
    first = letter["Attributes"]["MessageDeduplicationId"]
    again = hashlib.sha256(f"{first}\0{letter['MessageId']}".encode()).hexdigest()
    return {
        "MessageGroupId": letter["Attributes"]["MessageGroupId"],
        "MessageDeduplicationId": again,
    }
