"""What the code says of the subscribers is what the template has."""

import json

import pytest

from publish_subscribe.subscriptions import REPLAYABLE, SUBSCRIPTIONS
from tests.architecture import Json, functions, properties

QUEUES = properties("AWS::SQS::Queue")


def of_queues() -> dict[str, Json]:
    """Give the subscriptions of queues by the name that a replay can call each alone."""
    found = properties("AWS::SNS::Subscription").values()
    queues = [each for each in found if each["Protocol"] == "sqs"]
    return {each["FilterPolicy"]["subscriber"][1]: each for each in queues}


def queues_of(name: str) -> list[str]:
    """Name a subscriber's queue and its dead-letter queue."""
    queue = of_queues()[name]["Endpoint"]["Fn::GetAtt"][0]
    return [queue, QUEUES[queue]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]]


def granted(function: str, action: str) -> set[str]:
    """Name the queues on which a function's policy lets it do something."""
    policies = functions()[function].properties["Policies"]
    statements = [each for policy in policies for each in policy["Statement"]]
    found = (each["Resource"] for each in statements if action in each["Action"])
    return {arn["Fn::GetAtt"][0] for arns in found for arn in arns}


def test_every_subscriber_is_known_with_what_it_asks_for() -> None:
    """The filter as people read it: without what every subscription has."""
    own = {
        name: {
            attribute: values
            for attribute, values in each["FilterPolicy"].items()
            if attribute not in {"subscriber", "replay"}
        }
        for name, each in of_queues().items()
    }

    assert dict(SUBSCRIPTIONS) == own


def test_a_replay_can_be_for_whoever_takes_replayed_events() -> None:
    found = of_queues().items()

    assert {name for name, each in found if "replay" not in each["FilterPolicy"]} == REPLAYABLE


@pytest.mark.parametrize("function", ["ListSubscribersFunction", "RedriveSubscriberFunction"])
def test_a_subscribers_queues_are_the_templates(function: str) -> None:
    known = json.loads(functions()[function].variables["SUBSCRIBER_QUEUES"]["Fn::Sub"])

    expected = {name: [f"${{{each}}}" for each in queues_of(name)] for name in of_queues()}
    assert known == expected


def test_every_subscribers_queues_can_be_counted_and_its_dead_letters_moved() -> None:
    queues = {queues_of(name)[0] for name in of_queues()}
    dead = {queues_of(name)[1] for name in of_queues()}

    assert granted("ListSubscribersFunction", "sqs:GetQueueAttributes") == queues | dead
    assert granted("RedriveSubscriberFunction", "sqs:SendMessage") == queues
    for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"):
        assert granted("RedriveSubscriberFunction", action) == dead
