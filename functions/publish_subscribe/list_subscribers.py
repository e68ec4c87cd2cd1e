"""List the subscribers: what each takes, what waits for it, what it could not do."""

from typing import Any

from interchange import http
from publish_subscribe import subscriber_queues
from publish_subscribe.subscriber_queues import Queues
from publish_subscribe.subscriptions import SUBSCRIPTIONS


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with all of them: there are as many as the template has."""
    items = [_shown(name, queues) for name, queues in subscriber_queues.every().items()]
    return http.uncached({"items": items})


def _shown(name: str, queues: Queues) -> dict[str, Any]:
    dead = subscriber_queues.depth(queues.dead_letter_queue)
    return {
        "name": name,
        "filter": SUBSCRIPTIONS[name],
        "queue": subscriber_queues.depth(queues.queue),
        "dead_letters": sum(dead.values()),
    }
