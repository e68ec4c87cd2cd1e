"""Publishing an event."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from tests.answers import body_of, pointers, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import hooked, refusing
from tests.moto_cloud import Cloud

PUBLICATION = {"topic": "user-events", "payload": {"user": "ada"}}


def publish(cloud: Cloud, body: Any = PUBLICATION, **headers: str) -> Json:
    event = request("POST", "/events/publish", body=body, headers=headers)
    answer: Json = cloud.invoke("PublishEventsFunction", event)
    return answer


def logged(cloud: Cloud) -> list[Json]:
    return [json.loads(each["Body"]) for each in cloud.messages("EventLogQueue")]


def test_an_event_is_accepted_and_reaches_its_subscribers(cloud: Cloud) -> None:
    answer = publish(cloud, **{"X-Correlation-Id": "order-7"})

    (event,) = logged(cloud)
    assert answer["statusCode"] == 202
    assert body_of(answer) == {"id": event["id"], "topic": "user-events"}
    assert (event["data"], event["type"]) == ({"user": "ada"}, "user-events")
    assert event["correlationid"] == "order-7"


def test_a_publisher_may_name_type_and_subject(cloud: Cloud) -> None:
    publish(cloud, PUBLICATION | {"type": "user.registered", "subject": "usr_1"})

    (event,) = logged(cloud)
    assert (event["type"], event["subject"]) == ("user.registered", "usr_1")
    assert cloud.waiting("WelcomeQueue") == 1


@pytest.mark.parametrize(
    "payload", [None, 0, "", [], {"a": {"b": ["é", "\0", None, 1.5, 10**30, True]}}, "💶"]
)
def test_a_payload_passes_unaltered(cloud: Cloud, payload: Any) -> None:
    publish(cloud, {"topic": "payment-events", "payload": payload})

    assert logged(cloud)[0]["data"] == payload


@pytest.mark.parametrize("topic", ["nobodys", "USER-EVENTS", "user-events,payment-events", ","])
def test_an_unknown_topic_is_not_found(cloud: Cloud, topic: str) -> None:
    answer = publish(cloud, {"topic": topic, "payload": 1})

    assert refusal(answer) == (404, "topic_not_found")


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, ["/topic", "/payload"]),
        ({"topic": "", "payload": 1}, ["/topic"]),
        ({"topic": "user events", "payload": 1}, ["/topic"]),
        (PUBLICATION | {"type": "x" * 129}, ["/type"]),
        (PUBLICATION | {"subject": "a\nb"}, ["/subject"]),
        (PUBLICATION | {"priority": 1}, ["/priority"]),
    ],
)
def test_a_publication_with_faults_is_refused_with_their_places(
    cloud: Cloud, body: Any, places: list[str]
) -> None:
    assert pointers(publish(cloud, body)) == places
    assert logged(cloud) == []


def test_a_large_event_reaches_the_log_by_claim_check(cloud: Cloud) -> None:
    text = json.dumps({"topic": "user-events", "payload": "é" * 126_000}, ensure_ascii=False)
    answer = publish(cloud, text.encode())

    assert cloud.deliver("LogEventFunction", "EventLogQueue") == {"batchItemFailures": []}
    event_id = body_of(answer)["id"]
    shown = cloud.invoke("GetEventFunction", request("GET", "/events/{id}", id=event_id))
    assert body_of(shown)["data"] == "é" * 126_000


def test_an_event_just_below_the_limit_is_accepted(cloud: Cloud) -> None:
    answer = publish(cloud, {"topic": "user-events", "payload": "x" * 249_000})

    assert answer["statusCode"] == 202
    assert len(logged(cloud)[0]["data"]) == 249_000


def test_what_sns_takes_only_in_part_is_not_acknowledged(cloud: Cloud) -> None:
    def fail(**_: Any) -> Any:
        return SimpleNamespace(status_code=200), {"Failed": [{"Id": "0", "Code": "InternalError"}]}

    with hooked("before-call.sns.PublishBatch", fail):
        answer = publish(cloud)

    assert refusal(answer) == (503, "unavailable")


def test_what_sns_does_not_take_is_not_acknowledged(cloud: Cloud) -> None:
    with refusing("sns", "PublishBatch", "ServiceUnavailable", 503):
        answer = publish(cloud)

    assert refusal(answer) == (503, "unavailable")
    assert answer["headers"]["Retry-After"] == "1"
