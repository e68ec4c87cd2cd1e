"""Count what is refused, all of it and by reason: it is kept nowhere else."""

import functools
from typing import Any

from interchange import http
from interchange.errors import InterchangeError
from interchange.observability import count


def counted(answer: http.Handler) -> http.Handler:
    """Make every refusal of `answer` two metrics: `WebhookRefused`, and one with its code."""

    @functools.wraps(answer)
    def handler(event: http.Event, context: Any) -> http.Response:
        try:
            return answer(event, context)
        except InterchangeError as error:
            count("WebhookRefused")
            count(f"WebhookRefused{error.code.title().replace('_', '')}")
            raise

    return handler
