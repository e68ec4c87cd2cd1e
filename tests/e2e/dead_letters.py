"""Messages that nobody could read: how they become dead letters, and how they are moved back."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from local.stack import Stack
from tests.e2e.faults import physical_name

_MOST_RECEIVES = 1000  # that SQS counts to
_LOOKS = 100  # until a message that was just written is there to be read


@dataclass(frozen=True)
class Queue:
    """A queue of the stack, by its URL, and that of its dead letters."""

    stack: Stack
    sqs: Any
    url: str
    dead_letters: str

    @classmethod
    def named(cls, stack: Stack, name: str) -> Self:
        """Find a queue by its name in the template."""
        sqs, url = stack.client("sqs"), physical_name(stack, name)
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
        arn = json.loads(found["Attributes"]["RedrivePolicy"])["deadLetterTargetArn"]
        dead = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
        return cls(stack, sqs, url, dead)

    @contextlib.contextmanager
    def unread(self) -> Iterator[None]:
        """Keep the queue's worker away from it."""
        client, name = self.stack.client("lambda"), self.url.rpartition("/")[2]
        pages = client.get_paginator("list_event_source_mappings").paginate()
        (mapping,) = (
            each["UUID"]
            for page in pages
            for each in page["EventSourceMappings"]
            if each["EventSourceArn"].endswith(f":{name}")
        )
        client.update_event_source_mapping(UUID=mapping, Enabled=False)
        try:
            yield
        finally:
            client.update_event_source_mapping(UUID=mapping, Enabled=True)

    def give_up(self, text: str) -> None:
        """Receive messages in vain until SQS gives up the one with the text."""
        for _ in range(2 * _MOST_RECEIVES + _LOOKS):
            self.sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, VisibilityTimeout=0, WaitTimeSeconds=1
            )
            if any(text in each["Body"] for each in self._letters(visibility=0)):
                return
        raise AssertionError(f"{text} is not given up")

    def move_back(self, *, copies: int = 1) -> None:
        """Move every dead letter back, as `start-message-move-task` does, which the emulator lacks.

        More copies than one: a move that dies between its two calls begins again.
        """
        while letters := self._letters(visibility=60):
            for each in letters:
                for _ in range(copies):
                    self.sqs.send_message(
                        QueueUrl=self.url, MessageBody=each["Body"], **_in_group(each)
                    )
                self.sqs.delete_message(
                    QueueUrl=self.dead_letters, ReceiptHandle=each["ReceiptHandle"]
                )

    def _letters(self, *, visibility: int) -> list[Any]:
        answer = self.sqs.receive_message(
            QueueUrl=self.dead_letters,
            MaxNumberOfMessages=10,
            VisibilityTimeout=visibility,
            MessageSystemAttributeNames=["MessageGroupId"],
        )
        return list(answer.get("Messages", []))


def _in_group(letter: Any) -> dict[str, str]:
    group = letter.get("Attributes", {}).get("MessageGroupId")
    if group is None:
        return {}
    return {"MessageGroupId": group, "MessageDeduplicationId": uuid.uuid4().hex}
