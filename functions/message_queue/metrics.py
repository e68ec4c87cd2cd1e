"""What is measured of tasks, by their type; depth and age of the queues are SQS's own metrics."""

from datetime import datetime

from interchange import clock
from interchange.observability import measure
from interchange.store import Item


def dwelled(task: Item, *, now: datetime) -> None:
    """Measure how long after it was due a task was begun."""
    waited = (now - clock.parse(task["due_at"])).total_seconds()
    measure("TaskDwell", round(max(0.0, waited) * 1000), "Milliseconds", type=task["type"])


def ended(task: Item, outcome: str) -> None:
    """Count how an attempt ended, and which it was."""
    measure(outcome, 1, "Count", type=task["type"])
    measure("TaskAttempt", task["attempts"], "Count", type=task["type"])
