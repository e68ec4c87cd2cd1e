"""A subscriber of the tests' own: it says what passed the topic, and how often."""

import json
from dataclasses import dataclass, field
from typing import Any

from local.stack import Stack


@dataclass
class Spy:
    """A queue behind the events topic, read by hand."""

    stack: Stack
    queue_url: str
    seen: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def on(
        cls, stack: Stack, name: str = "spy", *, topic_arn: str = "", **attributes: Any
    ) -> "Spy":
        sqs, topic = stack.client("sqs"), topic_arn or stack.outputs["EventsTopicArn"]
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn["QueueArn"],
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        stack.client("sns").subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn["QueueArn"],
            Attributes={"RawMessageDelivery": "true", "FilterPolicy": json.dumps(attributes)},
        )
        return cls(stack, url)

    def events(self, **attributes: str) -> list[dict[str, Any]]:
        """Give every event seen so far whose attributes are these."""
        self._drain()
        return [
            each
            for each in self.seen
            if all(each.get(name) == value for name, value in attributes.items())
        ]

    def _drain(self) -> None:
        sqs = self.stack.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                self.seen.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
