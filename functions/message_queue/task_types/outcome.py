"""How a task's work ends: it returns, or it raises one of these.

TaskError
├── Retryable      a later try may succeed
│   └── RateLimited    and not before so many seconds
└── Fatal          no later try will succeed
Unfinished and Cancelled are raised for the work, by `Work.checkpoint`; Expired before it begins.
"""


class TaskError(Exception):
    """The work failed; `code` is stable, the text is for people and quotes no personal data."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Retryable(TaskError):
    """A later try may succeed."""

    after: float = 0


class RateLimited(Retryable):
    """Who does the work asks to be left alone for `after` seconds."""

    def __init__(self, code: str, detail: str, *, after: float) -> None:
        super().__init__(code, detail)
        self.after = after


class Fatal(TaskError):
    """No later try will succeed."""


class Unfinished(Exception):
    """The time of one invocation is used up: another goes on from the last checkpoint."""


class Cancelled(Exception):
    """Somebody cancelled the task while it ran: stop here."""


class Expired(Exception):
    """The task was to be done by a time that is over."""
