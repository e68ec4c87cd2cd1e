"""How a task's work ends: it returns, or it raises one of these."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Work:
    """What the work may know of its task: the id to name it by, and which try this is, from 1."""

    task_id: str
    attempt: int


class TaskError(Exception):
    """The work failed; `code` is stable, the text is for people and quotes no personal data."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Retryable(TaskError):
    """A later try may succeed."""


class Fatal(TaskError):
    """No later try will succeed."""
