"""Batch: files of users to import."""

import csv
import io
import urllib.request
from collections import Counter
from collections.abc import Collection, Iterable
from functools import partial
from typing import Any

from faults.account import Seen
from faults.pattern import Hop, Request, Role, Scene
from local.api import Answer, Api, expected, until
from local.props import ended

ROWS_A_UNIT = 5
FILES = 2
ENDED = {"completed", "completed_with_errors", "failed", "cancelled"}


class Imports:
    """Done once the row is in the file of what succeeded, and the user is there; once."""

    name = "import"
    once = True
    hops = (
        Hop("StartImportFunction", Role.FRONT),
        Hop("TakeUploadFunction", Role.RELAY),
        Hop("AdvanceImportFunction", Role.RELAY, ("SQS", "SNS")),
        Hop("StepImportFunction", Role.WORKER),
        Hop("ImportChunkFunction", Role.WORKER),
    )

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def requests(self, run: str, count: int) -> list[Request]:
        """Send two files, each under a key."""
        rows = count * ROWS_A_UNIT // FILES
        return [self._request(f"{run}-{number}", rows) for number in range(FILES)]

    def _request(self, key: str, rows: int) -> Request:
        addresses = [f"user{n}@{key}.example.com" for n in range(rows)]
        text = "".join(f"{each},User\n" for each in addresses)
        return Request(
            partial(self._send, key, f"email,name\n{text}".encode()),
            lambda answer: [f"{answer.body['id']}/{each}" for each in addresses],
        )

    def _send(self, key: str, file: bytes) -> Answer:
        headers = {"content-type": "text/csv", "idempotency-key": key}
        return self._scene.api.call("POST", "/api/users/batch", file, headers)

    def look(self, ids: Collection[str]) -> Seen:
        """Read the result files of the jobs that have ended."""
        jobs = {id.partition("/")[0] for id in ids}
        found = [self._results(job) for job in jobs]
        if any(each is None for each in found):
            return Seen()
        there = self._there()
        rows = [each for results in found if results for each in results]
        good = [id for kind, id in rows if kind == "succeeded" and id.partition("/")[2] in there]
        return Seen(Counter(good), {id: kind for kind, id in rows if kind != "succeeded"})

    def _results(self, job: str) -> list[tuple[str, str]] | None:
        """Give the fate of each row, once there is one."""
        api, path = self._scene.api, f"/api/users/batch/{job}"
        if ended(api, path, ENDED) is None:
            return None
        files: dict[str, Any] = expected(200, api.get(f"{path}/results")).body
        kinds = ("succeeded", "failed", "unprocessed")
        return [(kind, f"{job}/{email}") for kind in kinds for email in emails(files[kind]["url"])]

    def _there(self) -> set[str]:
        """Give the addresses that have a user, by a scan: slow, and sure."""
        stack = self._scene.stack
        pages = (
            stack.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=stack.outputs["UsersTableName"], ConsistentRead=True)
        )
        return {item["email"]["S"] for page in pages for item in page["Items"]}


def put_users(api: Api, addresses: Iterable[str]) -> None:
    """Import users that another pattern needs."""
    file = "".join(["email,name\n", *(f"{each},User\n" for each in addresses)]).encode()
    started = api.call("POST", "/api/users/batch", file, {"content-type": "text/csv"})
    path = f"/api/users/batch/{expected(202, started).body['id']}"
    until("the users", lambda: ended(api, path, ENDED))


def emails(url: str) -> list[str]:
    """Fetch a file, and give its column of addresses."""
    with urllib.request.urlopen(url, timeout=30) as response:
        text = response.read().decode()
    return [row["email"] for row in csv.DictReader(io.StringIO(text, newline=""))]
