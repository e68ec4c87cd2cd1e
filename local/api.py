"""Call the deployed API, with nothing but the standard library."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

ANSWER_WITHIN_SECONDS = 60  # the gateway gives up after 29
EFFECT_WITHIN_SECONDS = 120  # of a machine that is busy with something else, too
LOOK_EVERY_SECONDS = 0.1


class StoryError(Exception):
    """The story went another way than it should."""


@dataclass(frozen=True)
class Answer:
    """A response; the body as the JSON it is, or as text; the headers' names in any case."""

    status: int
    body: Any
    headers: Message


@dataclass(frozen=True)
class Api:
    """A deployed API and the key to it."""

    base_url: str
    key: str

    def get(self, path: str) -> Answer:
        """Read a resource."""
        return self.call("GET", path)

    def post(self, path: str, body: Any, *, expect: int) -> Answer:
        """Send JSON, and insist on the status."""
        data, headers = json.dumps(body).encode(), {"content-type": "application/json"}
        return expected(expect, self.call("POST", path, data, headers))

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request; every status is an answer."""
        url = self.base_url + path
        request = urllib.request.Request(
            url, body, {"x-api-key": self.key, **(headers or {})}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_WITHIN_SECONDS) as response:
                return Answer(response.status, decoded(response.read()), response.headers)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, decoded(error.read()), error.headers)
        except OSError as error:
            message = f"{method} {path}: {error}"
            raise StoryError(message) from error


def decoded(body: bytes) -> Any:
    """Read JSON where it is JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def expected(status: int, answer: Answer) -> Answer:
    """Insist on a status, and quote the answer where it differs."""
    if answer.status != status:
        message = f"expected {status}, got {answer.status}: {json.dumps(answer.body)}"
        raise StoryError(message)
    return answer


def until[T](
    what: str, look: Callable[[], T | None], *, within: float = EFFECT_WITHIN_SECONDS
) -> T:
    """Look again until there is something to see."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        seen = look()
        if seen is not None:
            return seen
        time.sleep(LOOK_EVERY_SECONDS)
    message = f"{what}: not within {within:g} s"
    raise StoryError(message)
