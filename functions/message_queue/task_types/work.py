"""What a task's work knows of its task: who it is, where it stopped, when to stop."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from interchange import claims, clock
from interchange.claims import Claim
from message_queue.task_types.outcome import Cancelled, Unfinished


@dataclass(slots=True)
class Work:
    """A worker's hold of a task, for as long as one invocation may last.

    Long work is done in slices: it notes how far it is and goes on there in another invocation, so
    Lambda's 15 minutes never end it. Each note renews the lease: a worker that makes no progress
    loses its task.
    """

    held: Claim
    lease: timedelta
    stop_at: datetime

    @property
    def task_id(self) -> str:
        """The id to name the task by, to a provider that recognises repetitions."""
        return str(self.held.row["id"])

    @property
    def state(self) -> dict[str, Any]:
        """Where the last checkpoint was; {} at the beginning."""
        found: dict[str, Any] = json.loads(self.held.row.get("checkpoint", "{}"))
        return found

    @property
    def seconds_left(self) -> float:
        """How long this invocation may go on."""
        return (self.stop_at - clock.now()).total_seconds()

    def should_stop(self) -> bool:
        """Tell whether this invocation's time is used up."""
        return self.seconds_left <= 0

    def checkpoint(self, state: dict[str, Any], **progress: int) -> None:
        """Note how far the work is, to go on here; Unfinished or Cancelled where it is to stop."""
        notes = {"checkpoint": json.dumps(state)}
        if progress:
            notes["progress"] = json.dumps(progress)
        self.held = claims.renew(self.held, now=clock.now(), lease=self.lease, **notes)
        if "cancel_requested_at" in self.held.row:
            raise Cancelled(self.task_id)
        if self.should_stop():
            raise Unfinished(self.task_id)
