"""Send a message to a queue at a time, a year away if need be.

SQS holds a message back for 15 minutes; beyond, EventBridge Scheduler sends it, by a schedule that
is named after the message and deletes itself. Sent twice, a message meets its own schedule, or
comes twice: a hint that a row is due does no harm. It may be early, too: Scheduler counts minutes.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#one-time
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from interchange import aws, config, ids, messages


@dataclass(frozen=True)
class Settings:
    """What the template gives every function that sends later; the role may write to the queue."""

    schedule_group: str
    schedule_role_arn: str


settings = config.reader(Settings)


@dataclass(frozen=True, slots=True)
class Message:
    """A body, when it is due, and a name: the same for the same row and try, another for others.

    `group` is whose it is: fair queues let no group's many wait before another's few. Scheduler
    names groups to FIFO queues alone: what it sends says `ungrouped`, for its receiver to mend.
    https://docs.aws.amazon.com/scheduler/latest/APIReference/API_SqsParameters.html
    """

    name: str
    body: str
    due_at: datetime
    group: str | None = None


def send(queue_url: str, due: Iterable[Message], *, now: datetime) -> None:
    """Send what is due, hold back what soon is, schedule the rest; all of it, or a raise."""
    soon: list[messages.Message] = []
    for each in due:
        wait = max(0, math.ceil((each.due_at - now).total_seconds()))
        if wait > messages.LONGEST_DELAY_SECONDS:
            _schedule(queue_url, each)
        else:
            soon.append(messages.Message(each.body, wait, each.group))
    messages.send(queue_url, soon)


def _schedule(queue_url: str, message: Message) -> None:
    """Make the one-shot schedule; one that exists is this message's own."""
    at = message.due_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    try:
        aws.scheduler().create_schedule(
            GroupName=settings().schedule_group,
            Name=ids.derived("at", queue_url, message.name),
            ScheduleExpression=f"at({at})",
            ScheduleExpressionTimezone="UTC",
            FlexibleTimeWindow={"Mode": "OFF"},
            ActionAfterCompletion="DELETE",
            Target={
                "Arn": _queue_arn(queue_url),
                "RoleArn": settings().schedule_role_arn,
                "Input": _input(message),
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConflictException":
            raise


def _input(message: Message) -> str:
    if message.group is None:
        return message.body
    return json.dumps(json.loads(message.body) | {"ungrouped": True})


def _queue_arn(queue_url: str) -> str:
    """Work the queue's ARN out: its account and name are in its URL, our role has the partition."""
    partition = settings().schedule_role_arn.split(":")[1]
    account, name = urlsplit(queue_url).path.split("/")[-2:]
    return f"arn:{partition}:sqs:{aws.sqs().meta.region_name}:{account}:{name}"
