"""What became of one attempt: whether it counts as delivered, and the class of what went wrong."""

from dataclasses import dataclass
from http import HTTPStatus

_CLASSES = {3: "redirect", 4: "client_error", 5: "server_error"}
_NAMED = {
    HTTPStatus.GONE: "gone",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limited",
}
_SLOW = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An answer, or the class and the words of why there is none."""

    millis: int
    status_code: int | None = None
    error_class: str | None = None
    detail: str | None = None
    retry_after: str | None = None
    response: bytes = b""

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it: any 2xx."""
        return self.error_class is None

    @property
    def gone(self) -> bool:
        """Whether the receiver wants nothing more, ever."""
        return self.status_code == HTTPStatus.GONE

    @property
    def slows_down(self) -> bool:
        """Whether the receiver says that it is overloaded."""
        return self.status_code in _SLOW


def class_of(status: int) -> str | None:
    """Name what is wrong with a status; None for 2xx. A redirect is one: it is never followed."""
    if status // 100 == 2:  # noqa: PLR2004 - RFC 9110's class of success
        return None
    return (
        _NAMED.get(HTTPStatus(status))
        if status in _NAMED
        else _CLASSES.get(status // 100, "protocol")
    )
