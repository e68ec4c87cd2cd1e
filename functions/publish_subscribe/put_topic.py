"""Register a topic, or replace what is said of one that the caller has seen."""

import contextlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interchange import clock, conditional, config, http, store
from interchange.conditional import Condition
from interchange.errors import BadRequest, NotFound, PreconditionFailed
from interchange.observability import count
from interchange.store import Item
from interchange.validation import validate
from publish_subscribe import payload_schemas, topics
from publish_subscribe.topics import Topic

_LARGEST_BODY = 128_000


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    topics_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer 201 or 200 with the topic; 412 where its state is not the one the caller named."""
    name = event["pathParameters"]["topic"]
    if not topics.is_name(name):
        detail = "A topic's name has 1 to 64 of a-z, 0-9, '.', '-', a letter or digit at both ends."
        raise BadRequest(detail, code="bad_topic_name")
    topic = _topic(event)
    condition = conditional.required(event)
    try:
        return _written(name, topic, condition, now=clock.rfc3339(clock.now()))
    except store.ConditionFailed as refusal:
        if not refusal.item:
            raise NotFound("No topic has this name.", code="topic_not_found") from None
        raise PreconditionFailed("The topic is not in the state that you named.") from None


def _topic(event: http.Event) -> Topic:
    topic = validate(Topic, http.json_body(event, limit=_LARGEST_BODY))
    if topic.payload_schema is not None:
        payload_schemas.check(topic.payload_schema)
    return topic


def _written(name: str, topic: Topic, condition: Condition, *, now: str) -> http.Response:
    table = settings().topics_table
    if name in topics.BUILT_IN:
        with contextlib.suppress(store.ConditionFailed):  # it has been changed before
            store.put_new(table, topics.built_in(name))
    if condition is conditional.NEW:
        row = topics.row(name, topic, now=now)
        store.put_new(table, row)
        count("TopicCreated")
        return _answer(HTTPStatus.CREATED, row)
    return _answer(HTTPStatus.OK, _replace(table, name, topic, condition, now=now))


def _replace(table: str, name: str, topic: Topic, condition: Condition, *, now: str) -> Item:
    fields = topics.fields(topic) | {"updated_at": now}
    change, values = store.setting(fields), fields | condition.values
    return store.update(table, {"id": name}, change, when=condition.when, values=values)


def _answer(status: HTTPStatus, row: Item) -> http.Response:
    return http.response(status, topics.representation(row), {"ETag": conditional.etag(row)})
