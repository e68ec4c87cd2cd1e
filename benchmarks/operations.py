"""One operation of each pattern: how it is asked for, and where its effect is seen."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local import props
from local.api import Api, expected
from local.cloud import HOST
from local.stack import Stack

TOPIC = "user-events"
TYPE = "benchmark.delivered"  # nothing but the endpoint takes it
ENDED = {"completed", "completed_with_errors", "failed"}

type Seen = Callable[[], bool]


@dataclass(frozen=True)
class Operation:
    """Something a caller asks for; `begin` returns with the answer and gives a look for its effect.

    `rows` is how many operations one request of the cost's measurement stands for.
    """

    name: str
    effect: str
    begin: Callable[[int], Seen]
    rows: int = 1


@contextmanager
def on(stack: Stack) -> Iterator[list[Operation]]:
    """Give the operations on a stack, in the order of functions/, and the story's registration."""
    with receiver() as (url, arrived):
        place = Place(stack, stack.client("dynamodb"), arrived)
        wanted = {"url": url, "topics": [TOPIC], "types": [TYPE]}
        place.api.post("/webhook-endpoints", wanted, expect=201)
        yield [
            Operation("Request-Response", "a product is read", place.read),
            Operation("Publish-Subscribe", "an event is in the log", place.publish),
            Operation("Webhook, in", "a payment is in the log", place.receive),
            Operation("Webhook, out", "an event is at a customer's", place.deliver),
            Operation("Batch Processing", "rows are users", place.load, rows=500),
            Operation("Message Queue", "an e-mail task is done", place.enqueue),
            Operation("Registration", "a new user has mail", place.register),
        ]


@dataclass(frozen=True)
class Place:
    """Where the operations happen."""

    stack: Stack
    tables: Any  # one client: making one takes longer than what is measured
    arrived: set[str]

    @property
    def api(self) -> Api:
        """The API, with its key."""
        return Api(self.stack.base_url, self.stack.api_key)

    def read(self, _: int) -> Seen:
        """Read a product: the answer is the effect."""
        expected(200, self.api.get("/api/products/espresso-machine"))
        return lambda: True

    def publish(self, _: int) -> Seen:
        """Publish an event."""
        return self._logged(self._published("user.seen"))

    def deliver(self, _: int) -> Seen:
        """Publish an event that an endpoint wants."""
        event_id = self._published(TYPE)
        return lambda: event_id in self.arrived

    def receive(self, _: int) -> Seen:
        """Report a payment, as Stripe does."""
        body = json.dumps(props.stripe_event(uuid.uuid4().hex)).encode()
        signature = props.stripe_signature(self.stack.webhook_secrets["stripe"], body)
        headers = {"content-type": "application/json", "stripe-signature": signature}
        answer = self.api.call("POST", "/stripe/payment-success", body, headers)
        return self._logged(expected(202, answer).body["event_id"])

    def load(self, rows: int) -> Seen:
        """Import new users."""
        run = uuid.uuid4().hex
        lines = [f"user{number}.{run}@example.com,User {number}" for number in range(rows)]
        body = "\n".join(["email,name", *lines, ""]).encode()
        answer = self.api.call("POST", "/api/users/batch", body, {"content-type": "text/csv"})
        key = {"job_id": {"S": expected(202, answer).body["id"]}, "part": {"S": "job"}}
        return lambda: self._status("ImportsTableName", key) in ENDED

    def enqueue(self, _: int) -> Seen:
        """Enqueue an e-mail."""
        wanted = {"type": "email_notification", "recipient": "ada@example.com", "subject": "Hi"}
        task_id = self.api.post("/api/tasks/enqueue", wanted, expect=202).body["id"]
        return lambda: self._status("TasksTableName", {"id": {"S": task_id}}) == "succeeded"

    def register(self, _: int) -> Seen:
        """Register a user, who is welcomed."""
        email = f"{uuid.uuid4().hex}@example.com"
        self.api.post("/api/users", {"email": email, "name": "Ada Lovelace"}, expect=201)
        return lambda: props.mail_to(self.stack, email, "Welcome!") is not None

    def _published(self, type: str) -> str:
        event = {"topic": TOPIC, "type": type, "payload": {"userId": "123", "email": "a@b.example"}}
        return str(self.api.post("/events/publish", event, expect=202).body["id"])

    def _logged(self, event_id: str) -> Seen:
        return lambda: bool(self._item("EventsTableName", {"id": {"S": event_id}}))

    def _status(self, table: str, key: dict[str, Any]) -> str | None:
        status: dict[str, str] = self._item(table, key).get("status", {})
        return status.get("S")

    def _item(self, table: str, key: dict[str, Any]) -> dict[str, Any]:
        name = self.stack.outputs[table]
        found: dict[str, Any] = self.tables.get_item(TableName=name, Key=key).get("Item", {})
        return found


@contextmanager
def receiver() -> Iterator[tuple[str, set[str]]]:
    """Run a customer's server that notes which events have come."""
    arrived: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Take it and answer."""
            self.rfile.read(int(self.headers["content-length"]))
            arrived.add(self.headers["webhook-id"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_port}/hook", arrived
        server.shutdown()
