"""Batch: files of users that are exported."""

import json
import uuid
from collections import Counter
from collections.abc import Collection
from functools import partial

from faults.account import Seen
from faults.pattern import JSON, Hop, Request, Role, Scene
from faults.patterns.imports import emails, put_users
from local.api import Answer
from local.props import ended

PATH = "/api/users/exports"
ENDED = {"completed", "failed", "cancelled"}
FILES = 2


class Exports:
    """Done once the user is in the file that was asked for; once."""

    name = "export"
    once = True
    hops = (
        Hop("StartExportFunction", Role.FRONT),
        Hop("AdvanceExportFunction", Role.RELAY, ("SQS", "SNS")),
        Hop("StepExportFunction", Role.WORKER),
    )

    def __init__(self, scene: Scene) -> None:
        self._api = scene.api
        self._domain = f"{uuid.uuid4().hex[:12]}.example.com"
        self._users: list[str] = []

    def requests(self, run: str, count: int) -> list[Request]:
        """Ask for two files of the same users, each under a key."""
        self._users = self._users or self._put(count)
        return [
            Request(
                partial(self._start, f"{run}-{number}"),
                lambda answer: [f"{answer.body['id']}/{each}" for each in self._users],
            )
            for number in range(FILES)
        ]

    def _put(self, count: int) -> list[str]:
        """Import the users."""
        users = [f"user{n}@{self._domain}" for n in range(count)]
        put_users(self._api, users)
        return users

    def _start(self, key: str) -> Answer:
        body = json.dumps({"filter": {"email_domain": self._domain}}).encode()
        return self._api.call("POST", PATH, body, JSON | {"idempotency-key": key})

    def look(self, ids: Collection[str]) -> Seen:
        """Read the files of the jobs that have ended; one that failed says why."""
        effects: Counter[str] = Counter()
        reasons: dict[str, str] = {}
        for job in {id.partition("/")[0] for id in ids}:
            found = ended(self._api, f"{PATH}/{job}", ENDED)
            if found and found["status"] == "completed":
                url = self._api.get(f"{PATH}/{job}/results").body["file"]["url"]
                effects.update(f"{job}/{each}" for each in emails(url))
            elif found:
                reasons |= dict.fromkeys((f"{job}/{each}" for each in self._users), found["status"])
        return Seen(effects, reasons)
