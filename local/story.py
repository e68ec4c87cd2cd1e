"""The story: one call per pattern, and the effect it has.

A chapter is a generator. It yields a line when the first answer has come, and one more for each
effect that it has seen.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from local import customer, props
from local.api import Api, StoryError, expected, until
from local.stack import Stack

ENDED = {"completed", "completed_with_errors", "failed", "cancelled", "expired"}
TASK_ENDED = {"succeeded", "dead", "cancelled", "expired"}


@dataclass(frozen=True)
class Scene:
    """Where the story plays; its names are new in each run, so it can be played again."""

    stack: Stack
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    @property
    def api(self) -> Api:
        """The API, with its key."""
        return Api(self.stack.base_url, self.stack.api_key)

    def address(self, name: str) -> str:
        """Make an e-mail address of this run."""
        return f"{name}.{self.run}@example.com"

    def logged(self, event_id: str) -> dict[str, Any]:
        """Wait for an event to be in the log."""
        path = f"/events/{event_id}"
        return until("the event in the log", lambda: props.found_or_none(self.api, path))


type Chapter = Callable[[Scene], Iterator[str]]


def read_product(scene: Scene) -> Iterator[str]:
    """Request-Response: a shop reads a product."""
    product = expected(200, scene.api.get("/api/products/espresso-machine")).body
    yield f"{product['name']}, {product['stock']} in stock"


def welcome_user(scene: Scene) -> Iterator[str]:
    """All together: a form registers a user, who gets an e-mail."""
    email = scene.address("ada")
    user = scene.api.post("/api/users", {"email": email, "name": "Ada Lovelace"}, expect=201).body
    yield f"user {user['id']} registered"
    until("user.registered in the event log", lambda: props.event_about(scene.api, user["id"]))
    yield "user.registered is in the event log"
    until('the "Welcome!" e-mail', lambda: props.mail_to(scene.stack, email, "Welcome!"))
    yield f'"Welcome!" sent to {email}'


def publish_event(scene: Scene) -> Iterator[str]:
    """Publish-Subscribe: a system tells others what has happened."""
    payload = {"userId": "123", "email": "test@example.com"}
    event = scene.api.post(
        "/events/publish", {"topic": "user-events", "payload": payload}, expect=202
    ).body
    yield f"event {event['id']} accepted"
    logged = scene.logged(event["id"])
    if logged["data"] != payload:
        message = f"the payload was altered: {logged['data']}"
        raise StoryError(message)
    yield "a subscriber has logged it, payload untouched"


def receive_payment(scene: Scene) -> Iterator[str]:
    """Webhook: Stripe reports a payment, and a customer's server is told."""
    body = json.dumps(props.stripe_event(scene.run)).encode()
    headers = {
        "content-type": "application/json",
        "stripe-signature": props.stripe_signature(scene.stack.webhook_secrets["stripe"], body),
    }
    with customer.subscribed(scene.api, "payment-events") as told:
        answer = scene.api.call("POST", "/stripe/payment-success", body, headers)
        received = expected(202, answer).body
        yield f"signature proven, kept as {received['id']}"
        scene.logged(received["event_id"])
        yield "payment_intent.succeeded is in the event log"
        until("the customer's webhook", lambda: told.was_told(received["event_id"]))
        yield "delivered to the customer's server, which proved our signature"


def import_users(scene: Scene) -> Iterator[str]:
    """Batch Processing: a thousand users in a CSV file, three of them bad."""
    answer = scene.api.call(
        "POST", "/api/users/batch", props.users_csv(scene.address), {"content-type": "text/csv"}
    )
    job_id = expected(202, answer).body["id"]
    yield f"job {job_id} accepted"
    job = until(
        "the end of the import", lambda: props.ended(scene.api, f"/api/users/batch/{job_id}", ENDED)
    )
    counts = {name: job["counts"][name] for name in props.import_counts()}
    rows = sorted({error["row"] for error in job["errors"]})
    if (job["status"], counts, rows) != (
        "completed_with_errors",
        props.import_counts(),
        sorted(props.BAD_ROWS),
    ):
        message = f"{job['status']}: {counts}, bad rows {rows}"
        raise StoryError(message)
    yield f"{counts['created']} created, {counts['failed']} refused: rows {rows}"


def run_task(scene: Scene) -> Iterator[str]:
    """Message Queue: a task is enqueued and a worker runs it."""
    recipient = scene.address("grace")
    wanted = {"type": "email_notification", "recipient": recipient, "subject": "Welcome!"}
    accepted = scene.api.post("/api/tasks/enqueue", wanted, expect=202)
    yield f"task {accepted.body['id']} queued"
    path = f"/api/tasks/{accepted.body['id']}"
    task = until("the end of the task", lambda: props.ended(scene.api, path, TASK_ENDED))
    if task["status"] != "succeeded":
        message = f"the task ended as {task['status']}: {task.get('error')}"
        raise StoryError(message)
    until("the e-mail", lambda: props.mail_to(scene.stack, recipient, "Welcome!"))
    yield f"succeeded, e-mail sent to {recipient}"


CHAPTERS: tuple[Chapter, ...] = (
    read_product,
    publish_event,
    receive_payment,
    run_task,
    welcome_user,
    import_users,  # last: its thousand events keep the emulator's one reader of streams busy
)
