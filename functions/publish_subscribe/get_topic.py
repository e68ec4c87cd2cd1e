"""Read a topic."""

from dataclasses import dataclass
from typing import Any

from interchange import conditional, config, http
from interchange.errors import NotFound
from publish_subscribe import topics


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    topics_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the topic, with 304 where the caller has it, or 404."""
    topic = topics.find(settings().topics_table, event["pathParameters"]["topic"])
    if topic is None:
        raise NotFound("No topic has this name.", code="topic_not_found")
    return conditional.answer(event, topic, topics.representation(topic))
