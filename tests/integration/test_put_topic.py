"""Registering a topic, and changing it."""

from typing import Any

import pytest

from tests.answers import body_of, pointers, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud

ORDERS: Json = {"description": "Orders.", "schema": {"required": ["total"]}, "ordered": True}
NEW = {"If-None-Match": "*"}


def put(cloud: Cloud, headers: dict[str, str], body: Any = ORDERS, topic: str = "orders") -> Json:
    event = request("PUT", "/events/topics/{topic}", body=body, headers=headers, topic=topic)
    answer: Json = cloud.invoke("PutTopicFunction", event)
    return answer


def get(cloud: Cloud, topic: str = "orders") -> Json:
    event = request("GET", "/events/topics/{topic}", topic=topic)
    answer: Json = cloud.invoke("GetTopicFunction", event)
    return answer


def test_a_topic_is_registered_and_read_with_the_same_tag(cloud: Cloud) -> None:
    answer = put(cloud, NEW)

    assert answer["statusCode"] == 201
    assert body_of(answer).items() >= (ORDERS | {"id": "orders", "version": 1}).items()
    assert body_of(get(cloud)) == body_of(answer)
    assert get(cloud)["headers"]["ETag"] == answer["headers"]["ETag"]


def test_a_topic_is_replaced_by_who_has_seen_it(cloud: Cloud) -> None:
    tag = put(cloud, NEW)["headers"]["ETag"]

    answer = put(cloud, {"If-Match": tag}, {"description": "New."})

    assert answer["statusCode"] == 200
    assert (body_of(answer)["schema"], body_of(answer)["ordered"]) == (None, False)
    assert refusal(put(cloud, {"If-Match": tag})) == (412, "precondition_failed")
    assert refusal(put(cloud, NEW)) == (412, "precondition_failed")


def test_without_a_condition_nothing_is_written(cloud: Cloud) -> None:
    assert refusal(put(cloud, {})) == (428, "precondition_required")
    assert refusal(put(cloud, {"If-Match": "*"})) == (404, "topic_not_found")


def test_a_built_in_topic_is_there_and_is_changed_by_who_has_seen_it(cloud: Cloud) -> None:
    tag = get(cloud, "user-events")["headers"]["ETag"]

    assert refusal(put(cloud, NEW, topic="user-events")) == (412, "precondition_failed")
    assert put(cloud, {"If-Match": tag}, topic="user-events")["statusCode"] == 200
    assert refusal(put(cloud, {"If-Match": tag}, topic="user-events"))[0] == 412
    assert body_of(get(cloud, "user-events"))["ordered"] is True


@pytest.mark.parametrize("topic", ["Orders", "-a", "a-", "a_b", "x" * 65, "a b", "\u00e9", ".", ""])
def test_a_name_that_no_topic_has_is_refused(cloud: Cloud, topic: str) -> None:
    assert refusal(put(cloud, NEW, topic=topic)) == (400, "bad_topic_name")
    assert refusal(get(cloud, topic)) == (404, "topic_not_found")


@pytest.mark.parametrize("topic", ["a", "9", "a.b-c", "x" * 64])
def test_a_name_has_letters_digits_dots_and_hyphens(cloud: Cloud, topic: str) -> None:
    assert put(cloud, NEW, topic=topic)["statusCode"] == 201


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "nonsense"}, "/schema/type"),
        ({"properties": {"a/b": {"minLength": -1}}}, "/schema/properties/a~1b/minLength"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "/schema/$schema"),
        ({"$schema": 7}, "/schema/$schema"),
        ({"$ref": "https://example.com/order.json"}, "/schema"),
        ({"$ref": "#/$defs/absent"}, "/schema"),
        ({"pattern": "(?=a)a"}, "/schema/pattern"),
        ({"description": "x" * 64_000}, "/schema"),
    ],
)
def test_what_is_no_schema_of_ours_is_refused_with_its_place(
    cloud: Cloud, schema: Json, place: str
) -> None:
    answer = put(cloud, NEW, {"schema": schema})

    assert refusal(answer) == (422, "schema_invalid")
    assert [each["pointer"] for each in body_of(answer)["errors"]] == [place]
    assert cloud.rows("TopicsTable") == []


def test_a_schema_too_deep_for_the_validator_is_refused(cloud: Cloud) -> None:
    schema: Json = {}
    for _ in range(400):
        schema = {"not": schema}

    assert put(cloud, NEW, {"schema": schema})["statusCode"] == 422


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"$schema": "https://json-schema.org/draft/2020-12/schema"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "number", "multipleOf": 0.01}}},
        {"properties": {"child": {"$ref": "#"}}},
    ],
)
def test_a_schema_is_shown_as_it_was_given(cloud: Cloud, schema: Json) -> None:
    put(cloud, NEW, {"schema": schema})

    assert body_of(get(cloud))["schema"] == schema


def test_a_topic_with_faults_is_refused_with_their_places(cloud: Cloud) -> None:
    body = {"description": 7, "schema": [], "ordered": "yes", "owner": "me"}

    places = ["/description", "/schema", "/ordered", "/owner"]
    assert pointers(put(cloud, NEW, body)) == places
