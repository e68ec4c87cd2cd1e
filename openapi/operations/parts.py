"""What an operation is made of, and the parts that several share."""

from dataclasses import dataclass, field
from typing import Any

type Json = dict[str, Any]

JSON = "application/json"

# Values of one story, so that an answer's example fits the request's.
AT = "2026-01-15T09:30:00.000Z"
USER_ID = "usr_b43ba5f5ad2f4a4dd1c0b2c7e5e1a9d3"
EVENT_ID = "evt_0192f0c1a2b37c4d8e5f60718293a4b7"
JOB_ID = "job_0192f0c1a2b37c4d8e5f60718293a4b5"
REPLAY_ID = "rpl_0192f0c1a2b37c4d8e5f60718293a4b9"
TASK_ID = "tsk_0192f0c1a2b37c4d8e5f60718293a4b6"
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@dataclass(frozen=True, slots=True)
class Body:
    """A body: the media types that it may have, its schema's name, examples by name."""

    schema: str | Json
    examples: dict[str, Any] = field(default_factory=dict)
    media: tuple[str, ...] = (JSON,)


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: what it means, its body (of several forms each), its headers, what can be next."""

    description: str
    body: Body | tuple[Body, ...] | None = None
    headers: tuple[str, ...] = ()
    links: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """What the code does not say of itself; `parameters` are names in components."""

    id: str
    tag: str
    description: str
    answers: dict[int, Answer]
    parameters: tuple[str, ...] = ()
    body: Body | tuple[Body, ...] | None = None


def link(operation_id: str, parameters: dict[str, str]) -> Json:
    """Say which operation takes what this answer gave."""
    return {"operationId": operation_id, "parameters": parameters}
