"""Give a subscriber its dead letters again, once what killed them is mended."""

from http import HTTPStatus
from typing import Any

from interchange import http, idempotency
from interchange.errors import NotFound
from interchange.observability import count
from publish_subscribe import redrive, subscriber_queues

_RESERVED_MILLIS = 3000  # for the answer, and for a call that is slow


@idempotency.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with how many went back and how many are left: call again while some are."""
    queues = subscriber_queues.every().get(http.path_id(event, "name"))
    if queues is None:
        raise NotFound("No subscriber has this name.", code="subscriber_not_found")
    time_is_left = lambda: context.get_remaining_time_in_millis() > _RESERVED_MILLIS  # noqa: E731
    moved = redrive.move(queues, going=time_is_left)
    count("DeadLetterRedriven", moved)
    left = sum(subscriber_queues.depth(queues.dead_letter_queue).values())
    return http.response(HTTPStatus.OK, {"moved": moved, "left": left})
