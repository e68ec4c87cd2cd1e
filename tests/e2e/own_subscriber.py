"""A subscriber of the tests' own, deployed beside the stack on the stack's layers."""

import io
import json
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interchange import items
from local.stack import Stack
from tests.e2e.faults import physical_name

CODE = Path(__file__).with_name("crashing_subscriber.py")
_EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
_LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@dataclass(frozen=True)
class OwnSubscriber:
    """A function behind a queue of its own, with a table for its effects."""

    stack: Stack
    name: str
    suffix: str

    @classmethod
    def on(
        cls, stack: Stack, topic: str, *, filter: dict[str, Any], deaths: float
    ) -> "OwnSubscriber":
        """Deploy it behind the topic with this output's name."""
        suffix = ".fifo" if topic.startswith("Ordered") else ""
        own = cls(stack, f"own-{uuid.uuid4().hex[:8]}", suffix)
        own._make_table()
        own._make_function(deaths)
        own._subscribe(stack.outputs[topic], own._make_queues(), filter)
        return own

    def lanes(self) -> dict[str, list[str]]:
        """Give the ids that each lane got, in order."""
        found = self.stack.client("dynamodb").scan(TableName=self.name, ConsistentRead=True)
        return {row["id"]: row["ids"] for row in map(items.unpack, found["Items"])}

    def dead(self) -> list[dict[str, Any]]:
        """Read what ended in the dead-letter queue."""
        sqs = self.stack.client("sqs")
        url = sqs.get_queue_url(QueueName=f"{self.name}-dead{self.suffix}")["QueueUrl"]
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [json.loads(each["Body"]) for each in found.get("Messages", [])]

    def _make_table(self) -> None:
        self.stack.client("dynamodb").create_table(
            TableName=self.name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )

    def _make_queues(self) -> str:
        dead = self._queue(f"{self.name}-dead{self.suffix}", {})
        redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 8})
        allowed = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        # Long enough for an attempt, short enough to wait for after a death.
        attributes = {"RedrivePolicy": redrive, "Policy": policy, "VisibilityTimeout": "2"}
        return self._queue(f"{self.name}{self.suffix}", attributes)

    def _queue(self, name: str, attributes: dict[str, str]) -> str:
        sqs = self.stack.client("sqs")
        fifo = {"FifoQueue": "true"} if self.suffix else {}
        url = sqs.create_queue(QueueName=name, Attributes=attributes | fifo)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn: str = found["Attributes"]["QueueArn"]
        return arn

    def _make_function(self, deaths: float) -> None:
        iam = self.stack.client("iam")
        role = iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=json.dumps(_LAMBDA))
        iam.put_role_policy(
            RoleName=self.name, PolicyName="all", PolicyDocument=json.dumps(_EVERYTHING)
        )
        like = self.stack.client("lambda").get_function_configuration(
            FunctionName=physical_name(self.stack, "WelcomeUserFunction")
        )
        variables = {
            "TABLE": self.name,
            "DEATHS": str(deaths),
            "RETRY_BASE_SECONDS": "0.5",
            "PAYLOADS_BUCKET": like["Environment"]["Variables"]["PAYLOADS_BUCKET"],
            "SERVICE": "own",
        }
        self.stack.client("lambda").create_function(
            FunctionName=self.name,
            Runtime="python3.13",
            Handler="crashing_subscriber.handler",
            Role=role["Role"]["Arn"],
            Layers=[each["Arn"] for each in like["Layers"]],
            Timeout=10,
            Code={"ZipFile": _zipped(CODE)},
            Environment={"Variables": variables},
        )

    def _subscribe(self, topic_arn: str, queue_arn: str, filter: dict[str, Any]) -> None:
        self.stack.client("lambda").create_event_source_mapping(
            EventSourceArn=queue_arn,
            FunctionName=self.name,
            BatchSize=1,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            ScalingConfig={"MaximumConcurrency": 4},
        )
        self.stack.client("sns").subscribe(
            TopicArn=topic_arn,
            Protocol="sqs",
            Endpoint=queue_arn,
            Attributes={"RawMessageDelivery": "true", "FilterPolicy": json.dumps(filter)},
        )


def _zipped(path: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.write(path, path.name)
    return buffer.getvalue()
