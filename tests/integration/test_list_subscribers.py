"""Listing the subscribers."""

from interchange import aws
from publish_subscribe.subscriptions import SUBSCRIPTIONS
from tests.answers import body_of
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import refusing
from tests.moto_cloud import Cloud


def subscribers(cloud: Cloud) -> dict[str, Json]:
    answer = cloud.invoke("ListSubscribersFunction", request("GET", "/events/subscribers"))
    assert answer["statusCode"] == 200
    return {each["name"]: each for each in body_of(answer)["items"]}


def test_every_subscriber_is_listed_with_what_it_takes(cloud: Cloud) -> None:
    found = subscribers(cloud)

    assert found.keys() == SUBSCRIPTIONS.keys()
    welcome = {"topic": ["user-events"], "type": ["user.registered"]}
    assert found["welcome_user"]["filter"] == welcome
    assert found["log_event"]["filter"] == {}


def test_what_waits_and_what_is_dead_is_counted(cloud: Cloud) -> None:
    for queue, count in (("WelcomeQueue", 2), ("WelcomeDeadLetterQueue", 3)):
        for number in range(count):
            aws.sqs().send_message(QueueUrl=cloud.name(queue), MessageBody=str(number))
    aws.sqs().receive_message(QueueUrl=cloud.name("WelcomeQueue"))
    aws.sqs().receive_message(QueueUrl=cloud.name("WelcomeDeadLetterQueue"))

    found = subscribers(cloud)

    assert found["welcome_user"]["queue"] == {"waiting": 1, "in_flight": 1, "delayed": 0}
    assert found["welcome_user"]["dead_letters"] == 3
    assert found["log_event"]["dead_letters"] == 0


def test_while_sqs_is_busy_the_caller_may_come_back(cloud: Cloud) -> None:
    event = request("GET", "/events/subscribers")

    with refusing("sqs", "GetQueueAttributes", "RequestThrottled"):
        assert cloud.invoke("ListSubscribersFunction", event)["statusCode"] == 503
