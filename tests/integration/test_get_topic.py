"""Reading a topic."""

import pytest

from publish_subscribe import topics
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.moto_cloud import Cloud


def get(cloud: Cloud, topic: str, **headers: str) -> Json:
    event = request("GET", "/events/topics/{topic}", topic=topic, headers=headers)
    answer: Json = cloud.invoke("GetTopicFunction", event)
    return answer


@pytest.mark.parametrize("topic", topics.BUILT_IN)
def test_a_built_in_topic_is_there_from_the_first_deploy(cloud: Cloud, topic: str) -> None:
    answer = get(cloud, topic)

    assert answer["statusCode"] == 200
    found = body_of(answer)
    assert (found["id"], found["ordered"], found["schema"]) == (topic, False, None)


def test_who_has_it_is_told_so(cloud: Cloud) -> None:
    tag = get(cloud, "user-events")["headers"]["ETag"]

    answer = get(cloud, "user-events", **{"If-None-Match": tag})

    assert (answer["statusCode"], answer["body"]) == (304, "")


def test_a_topic_that_nobody_registered_is_not_found(cloud: Cloud) -> None:
    assert refusal(get(cloud, "orders")) == (404, "topic_not_found")
