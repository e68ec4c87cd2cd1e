"""Consume queues: what is not done comes back, later each time.

Not Powertools' batch utility: 52 ms of import for this loop (docs/decisions.md).
"""

import functools
import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from interchange import aws, config, observability
from interchange.observability import logger

type Lambda = Callable[[dict[str, Any], Any], dict[str, Any]]

_LONGEST_PAUSE_SECONDS = 900
# SQS refuses more than 12 hours since it showed the message, which a worker has had for a while.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
_LONGEST_WAIT_SECONDS = 42_000


@dataclass(frozen=True)
class Settings:
    """What the template gives every function that reads a queue."""

    retry_base_seconds: float


settings = config.reader(Settings)


class Retry(Exception):
    """Ask for the record again, `after` seconds or a backoff's; expected, so not an error.

    What SQS cannot hide for so long comes early, and asks again.
    """

    def __init__(self, reason: str, *, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a queue: its JSON, read and as it came, and how often SQS has shown it."""

    body: Any
    text: str
    receive_count: int


def each_message(work: Callable[[Message], None]) -> Lambda:
    """Make a handler of `work`: done when it returns, brought back by whatever it raises.

    It answers with a partial batch response and never raises: that would bring the neighbours back.
    What is brought back waits with full jitter, longer each time; after a death, which says
    nothing, it waits for its queue's visibility timeout.
    """

    @functools.wraps(work)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        failed = [each["messageId"] for each in event["Records"] if not _done(work, each)]
        observability.flush()
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}

    return handler


def _done(work: Callable[[Message], None], record: dict[str, Any]) -> bool:
    receive_count = int(record["attributes"]["ApproximateReceiveCount"])
    observability.begin(message_id=record["messageId"], receive_count=receive_count)
    try:
        body = json.loads(record["body"])
        correlation_id = body.get("correlation_id") or body.get("correlationid")
        observability.bind(correlation_id=correlation_id)
        work(Message(body, record["body"], receive_count))
    except Retry as retry:
        logger.warning("Message returned to its queue", reason=str(retry))
        _put_off(record, retry.after)
        return False
    except Exception:  # noqa: BLE001 - a failed delivery: its queue is the retry
        logger.exception("Message failed")
        _put_off(record)
        return False
    return True


def _put_off(record: dict[str, Any], after: float | None = None) -> None:
    """Have the message shown again after a while; without, its queue's visibility timeout is."""
    account, queue = record["eventSourceARN"].split(":")[-2:]
    try:
        wait = _backoff(record) if after is None else min(after, _LONGEST_WAIT_SECONDS)
        aws.sqs().change_message_visibility(
            QueueUrl=f"{aws.sqs().meta.endpoint_url}/{account}/{queue}",
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=math.ceil(wait),
        )
    except Exception as error:  # noqa: BLE001 - waiting otherwise hurts no one, a raise the batch
        logger.warning("Message could not be put off", reason=type(error).__name__)


def _backoff(record: dict[str, Any]) -> float:
    attempt = int(record["attributes"]["ApproximateReceiveCount"])
    longest = min(_LONGEST_PAUSE_SECONDS, settings().retry_base_seconds * 2 ** (attempt - 1))
    return random.uniform(0, longest)  # noqa: S311 - spreads, guards nothing
