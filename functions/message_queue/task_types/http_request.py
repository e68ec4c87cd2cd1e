"""Send an HTTP request to a URL of the public internet.

At least once: a worker that dies between the answer and the row's update sends again. Each try has
the header `Idempotency-Key` with the task's id, by which a server that knows it does the thing
once. 2xx is success; 408, 429 and 5xx are tried again, after Retry-After at the earliest; the rest
is fatal, redirects included.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from interchange import clock, config, outbound
from interchange.validation import Body
from message_queue.task_types.outcome import Fatal, RateLimited, Retryable, TaskError
from message_queue.task_types.work import Work

_SHOWN_CHARACTERS = 2000
_LONGEST_WAIT_SECONDS = 86_400

# https://www.rfc-editor.org/rfc/rfc9110#section-5.1; of the connection's own and ours, none.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
_VALUE = re.compile(r"[\x20-\x7e]{0,2048}")
_OURS = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "idempotency-key",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


@dataclass(frozen=True)
class Settings:
    """What the template gives the worker for this type."""

    allow_local_targets: str


settings = config.reader(Settings)


def _headers(value: dict[str, str]) -> dict[str, str]:
    for name, text in value.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(text) or name.lower() in _OURS:
            raise PydanticCustomError("headers", "Has a header that cannot be sent")
    return value


class HttpRequest(Body):
    """A request, and what is sent with it."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=2048)]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    headers: Annotated[dict[str, str], Field(max_length=32), AfterValidator(_headers)] = Field(
        default_factory=dict
    )
    body: Annotated[str, StringConstraints(max_length=100_000)] = ""


def run(request: HttpRequest, work: Work) -> dict[str, Any]:
    """Send it; the result is the answer, its body cut."""
    try:
        answer = outbound.request(
            request.method,
            request.url,
            {**request.headers, "Idempotency-Key": work.task_id},
            request.body.encode(),
            allow_local=settings().allow_local_targets == "true",
            timeout=max(1.0, min(outbound.TIMEOUT_SECONDS, work.seconds_left)),
        )
    except outbound.Forbidden as error:
        raise Fatal("url_forbidden", str(error)) from error
    except outbound.Failed as error:
        raise Retryable(f"http_{error.kind}", error.detail) from error
    if not answer.status // 100 == 2:  # noqa: PLR2004 - 2xx
        raise _failure(answer.status, answer.headers)
    excerpt = answer.body_excerpt.decode(errors="replace")[:_SHOWN_CHARACTERS]
    return {"status": answer.status, "body": excerpt, "millis": answer.millis}


def _failure(status: int, headers: Mapping[str, str]) -> TaskError:
    code, detail = f"http_{status}", f"The server answered {status}."
    if status not in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS) and status < 500:  # noqa: PLR2004 - 5xx
        return Fatal(code, detail)
    return RateLimited(code, detail, after=_retry_after(headers.get("retry-after", "")))


def _retry_after(text: str) -> float:
    """Read Retry-After (RFC 9110 s.10.2.3), seconds or a date; 0 for none and for nonsense."""
    try:
        seconds = float(text) if text[:1].isdigit() else _until(text)
    except (ValueError, TypeError, OverflowError):
        return 0
    return min(_LONGEST_WAIT_SECONDS, max(0, math.ceil(seconds))) if math.isfinite(seconds) else 0


def _until(date: str) -> float:
    moment = parsedate_to_datetime(date)
    return (moment - clock.now()).total_seconds()
