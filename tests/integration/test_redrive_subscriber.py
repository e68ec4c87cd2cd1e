"""Giving a subscriber its dead letters again."""

import contextlib
from typing import Any

import pytest

from interchange import aws
from publish_subscribe import redrive
from publish_subscribe.subscriber_queues import Queues
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import ProcessDied, death_after_call, refusing
from tests.moto_cloud import Cloud, Context

ATTRIBUTES = {
    "topic": {"DataType": "String", "StringValue": "user-events"},
    "replay": {"DataType": "String", "StringValue": "rpl_1"},
}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for letters that are not there."""
    monkeypatch.setattr(redrive, "_WAIT_SECONDS", 0)


def bury(cloud: Cloud, count: int) -> None:
    url = cloud.name("WelcomeDeadLetterQueue")
    for number in range(count):
        aws.sqs().send_message(QueueUrl=url, MessageBody=str(number), MessageAttributes=ATTRIBUTES)  # type: ignore[arg-type]


def redriven(cloud: Cloud, name: str = "welcome_user", **context: int) -> Json:
    event = request(path="/events/subscribers/{name}/redrives", name=name)
    answer: Json = cloud.invoke(
        "RedriveSubscriberFunction",
        event,
        context=Context(**{"remaining_millis": 29_000} | context),
    )
    return answer


@pytest.mark.parametrize("count", [0, 1, 10, 23])
def test_every_dead_letter_goes_back_as_it_was(cloud: Cloud, count: int) -> None:
    bury(cloud, count)

    answer = redriven(cloud)

    assert answer["statusCode"] == 200
    assert body_of(answer) == {"moved": count, "left": 0}
    back = cloud.messages("WelcomeQueue")
    assert sorted(each["Body"] for each in back) == sorted(map(str, range(count)))
    assert all(each["MessageAttributes"] == ATTRIBUTES for each in back)
    assert cloud.waiting("WelcomeDeadLetterQueue") == 0


def test_a_call_moves_so_many_at_most_and_says_how_many_are_left(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redrive, "LARGEST", 10)
    bury(cloud, 12)

    assert body_of(redriven(cloud)) == {"moved": 10, "left": 2}
    assert body_of(redriven(cloud)) == {"moved": 2, "left": 0}


def test_a_call_ends_before_its_time_does(cloud: Cloud) -> None:
    bury(cloud, 1)

    assert body_of(redriven(cloud, remaining_millis=2_000)) == {"moved": 0, "left": 1}


@pytest.mark.parametrize("call", range(1, 7))
def test_a_death_at_any_call_loses_no_letter(cloud: Cloud, call: int) -> None:
    bury(cloud, 2)

    with death_after_call(call), contextlib.suppress(ProcessDied):
        redriven(cloud)

    found = {each["Body"] for each in cloud.messages("WelcomeQueue")}
    url = cloud.name("WelcomeDeadLetterQueue")
    left = aws.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    hidden = int(left["ApproximateNumberOfMessagesNotVisible"])
    assert len(found) + hidden >= 2


def test_a_letter_that_cannot_be_sent_stays(cloud: Cloud) -> None:
    bury(cloud, 1)

    with refusing("sqs", "SendMessage", "RequestThrottled"):
        assert redriven(cloud)["statusCode"] == 503

    url = cloud.name("WelcomeDeadLetterQueue")
    left = aws.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert int(left["ApproximateNumberOfMessagesNotVisible"]) == 1


@pytest.mark.parametrize("name", ["nobody", "WelcomeQueue", "a b", "é"])
def test_an_unknown_subscriber_is_not_found(cloud: Cloud, name: str) -> None:
    assert redriven(cloud, name)["statusCode"] == 404


def test_an_unknown_subscriber_has_its_own_code(cloud: Cloud) -> None:
    assert refusal(redriven(cloud, "nobody")) == (404, "subscriber_not_found")


def fifo(name: str) -> str:
    attributes: Any = {"FifoQueue": "true"}
    return aws.sqs().create_queue(QueueName=f"{name}.fifo", Attributes=attributes)["QueueUrl"]


def test_an_ordered_letter_keeps_its_group_and_is_not_taken_for_the_one_that_died(
    cloud: Cloud,
) -> None:
    """SQS forgets a deduplication id after five minutes; a redrive may come sooner."""
    queues = Queues(fifo("ordered"), fifo("ordered-dead"))
    sent: Any = {"MessageBody": "1", "MessageGroupId": "g", "MessageDeduplicationId": "d"}
    for url in queues:
        aws.sqs().send_message(QueueUrl=url, **sent)
    first = aws.sqs().receive_message(QueueUrl=queues.queue)["Messages"][0]
    aws.sqs().delete_message(QueueUrl=queues.queue, ReceiptHandle=first["ReceiptHandle"])

    assert redrive.move(queues, going=lambda: True) == 1

    names: Any = ["MessageGroupId", "MessageDeduplicationId"]
    (back,) = aws.sqs().receive_message(QueueUrl=queues.queue, MessageSystemAttributeNames=names)[
        "Messages"
    ]
    assert (back["Body"], back["Attributes"]["MessageGroupId"]) == ("1", "g")
    assert back["Attributes"]["MessageDeduplicationId"] != "d"
    for url in queues:
        aws.sqs().delete_queue(QueueUrl=url)
