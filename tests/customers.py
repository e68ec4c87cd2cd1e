"""A customer with an endpoint, and the way of an event to it: fan-out, stream, queue, POST."""

import json
from dataclasses import dataclass
from typing import Any

from interchange import aws, clock, lines, store
from interchange.items import unpack
from tests.answers import body_of
from tests.architecture import Json
from tests.aws_events import queue, request
from tests.cloud_events import message
from tests.moto_cloud import Cloud
from tests.receiver import Receiver
from webhook.delivering import deliveries, endpoints, health

LOCAL = {"ALLOW_LOCAL_TARGETS": "true"}
AN_HOUR_AGO = "2020-01-01T00:00:00.000Z"


@dataclass(frozen=True)
class Customer:
    """What a test does as a customer, and as the stack between an event and the customer."""

    cloud: Cloud
    server: Receiver

    def __post_init__(self) -> None:
        endpoints._listed.clear()

    def call(self, name: str, body: Any = None, *, method: str = "POST", **given: Any) -> Json:
        """Call a function as the API does."""
        event = request(method, f"/{name}", body=body, **given)
        local: Any = LOCAL if name in LOCAL_FUNCTIONS else {}
        answer: Json = self.cloud.invoke(name, event, **local)
        return answer

    def create(self, path: str = "/hook", **fields: Any) -> Json:
        """Create an endpoint at a path of the server; give it as it was answered."""
        answer = self.call("CreateEndpointFunction", {"url": self.server.url(path)} | fields)
        assert answer["statusCode"] == 201, answer["body"]
        found: Json = body_of(answer)
        return found

    def patch(self, id: str, **fields: Any) -> Json:
        """Change an endpoint, whatever its state."""
        headers = {"If-Match": "*"}
        return self.call("UpdateEndpointFunction", fields, method="PATCH", headers=headers, id=id)

    def endpoint(self, id: str) -> Json:
        """Read an endpoint."""
        found: Json = body_of(self.call("GetEndpointFunction", method="GET", id=id))
        return found

    def publish(self, **given: Any) -> None:
        """Have an event fanned out, by both topics where it has a key."""
        ordered = ["FanOutOrderedEventFunction"] if "key" in given else []
        for name in [*ordered, "FanOutEventFunction"]:
            answer = self.cloud.invoke(name, queue(message(**given)))
            assert answer == {"batchItemFailures": []}

    def dispatch(self) -> list[str]:
        """Carry what is due from the stream to its queue; give the bodies of the messages."""
        self.cloud.carry("DispatchDeliveriesFunction", "DeliveriesTable")
        return [each["Body"] for each in self.cloud.messages("DeliveriesQueue")]

    def deliver(self, *ids: str, **variables: str) -> Json:
        """Hand the worker messages for these deliveries, or for all that are due."""
        bodies = [json.dumps({"id": id}) for id in ids] or self.dispatch()
        all_variables: Any = LOCAL | variables
        answer: Json = self.cloud.invoke("DeliverWebhookFunction", queue(*bodies), **all_variables)
        return answer

    def rows(self) -> list[Json]:
        """Read every delivery, the oldest first."""
        found = map(unpack, self.cloud.rows("DeliveriesTable"))
        return sorted(
            (each for each in found if each["part"] == deliveries.PART),
            key=lambda each: str(each["created_at"]),
        )

    def row(self) -> Json:
        """Read the only delivery."""
        (found,) = self.rows()
        return found

    def attempts(self) -> list[Json]:
        """Read every attempt."""
        found = map(unpack, self.cloud.rows("DeliveriesTable"))
        return [each for each in found if each["part"].startswith("attempt#")]

    def fares(self, endpoint_id: str) -> Json:
        """Read how an endpoint fares."""
        return health.get(self.cloud.name("DeliveriesTable"), endpoint_id)

    def change(self, key: Json, **values: Any) -> None:
        """Write into a row of deliveries, past all rules."""
        change = ", ".join(f"#{name} = :{name}" for name in values)
        table = self.cloud.name("DeliveriesTable")
        store.update(table, key, f"SET {change}", when="attribute_exists(#id)", values=values)

    def make_due(self) -> None:
        """Let the time come for every delivery that waits."""
        for each in self.rows():
            if each["status"] in deliveries.WAITING:
                self.change(deliveries.key(each["id"]), due_at=AN_HOUR_AGO)


LOCAL_FUNCTIONS = {"CreateEndpointFunction", "UpdateEndpointFunction", "TryEndpointFunction"}


def forget_connections() -> None:
    """Close what was kept open."""
    for line in lines._kept.values():
        line.close()
    lines._kept.clear()


def scheduled() -> list[Json]:
    """Give what EventBridge Scheduler is to send."""
    found = aws.scheduler().list_schedules()["Schedules"]
    return [dict(each) for each in found]


def seconds_until(moment: str) -> float:
    """Say how far away a time is."""
    return (clock.parse(moment) - clock.now()).total_seconds()
