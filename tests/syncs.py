"""Synchronisations in moto, from a start to their end: the stream and the queue by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from interchange import items
from tests.answers import body_of
from tests.architecture import Json
from tests.aws_events import queue, request
from tests.feed_source import SHOWN, Source
from tests.moto_cloud import Cloud, Context
from tests.receiver import Behaviour, Receiver

ROUTE = "/api/products/syncs"


class Syncs:
    """Carries what AWS carries, until nothing moves; a test may step in anywhere."""

    def __init__(self, cloud: Cloud, server: Receiver | None = None, **variables: str) -> None:
        self.cloud = cloud
        self.variables: Json = {"ALLOW_LOCAL_TARGETS": "true", **variables}
        self.seen: dict[tuple[str, str], Json] = {}
        self._server = server

    def start(self, *, key: str | None = None, **asked: bool) -> Json:
        """Ask for a run; give the answer."""
        headers = {"Idempotency-Key": key} if key else {}
        event = request("POST", ROUTE, body=asked, headers=headers)
        answer: Json = self.cloud.invoke("StartSyncFunction", event, **self.variables)
        return answer

    @property
    def server(self) -> Receiver:
        """Give the feed's server."""
        assert self._server is not None
        return self._server

    def serve(self, behaviour: Behaviour) -> "Syncs":
        """Have the feed's server behave otherwise."""
        self.server.behaviours["/feed"] = behaviour
        return self

    def tick(self) -> None:
        """Let the schedule come by."""
        self.cloud.invoke("StartDueSyncFunction", {}, **self.variables)

    def run(self, **asked: Any) -> Json:
        """Synchronise to the end; give the run."""
        answer = self.start(**asked)
        assert answer["statusCode"] == 202, answer["body"]
        return self.finish(body_of(answer)["id"])

    def finish(self, job_id: str, *, context: Context | None = None) -> Json:
        """Carry until nothing moves; give the run."""
        while self.advance() or self.steps(context=context):
            pass
        return self.job(job_id)

    def advance(self) -> bool:
        """Carry the table's changes; say whether there were any."""
        rows = {(r["job_id"]["S"], r["part"]["S"]): r for r in self.cloud.images("SyncsTable")}
        changed = {key: row for key, row in rows.items() if self.seen.get(key) != row}
        records = [_record(row, self.seen.get(key)) for key, row in changed.items()]
        self.cloud.pass_on("DispatchSyncsFunction", records)
        self.seen |= changed
        return bool(changed)

    def steps(self, *, context: Context | None = None) -> bool:
        """Take the steps that are due, again where they come back; say whether there were any."""
        found = self.cloud.messages("SyncStepsQueue")
        for message in found:
            while not self.step(message["Body"], context=context):
                pass
        return bool(found)

    def step(self, message: Any, *, context: Context | None = None) -> bool:
        """Take one step; say whether its message is gone."""
        given: Json = {} if context is None else {"context": context}
        event = queue(message)
        answer = self.cloud.invoke("StepSyncFunction", event, **given, **self.variables)
        return not answer["batchItemFailures"]

    def call(self, function: str, method: str, job_id: str) -> Json:
        """Call a route of a run."""
        event = request(method, f"{ROUTE}/{{job_id}}", job_id=job_id)
        answer: Json = self.cloud.invoke(function, event)
        return answer

    def job(self, job_id: str) -> Json:
        """Read a run as callers do."""
        found: Json = body_of(self.call("GetSyncFunction", "GET", job_id))
        return found

    def jobs(self) -> list[Json]:
        """Read the list of runs, the newest first."""
        found: list[Json] = body_of(self.cloud.invoke("ListSyncsFunction", request("GET", ROUTE)))[
            "items"
        ]
        return found

    def rows(self) -> dict[str, Json]:
        """Give every product's row by id."""
        found = map(items.unpack, self.cloud.rows("ProductsTable"))
        return {each["id"]: each for each in found}

    def products(self) -> dict[str, Json]:
        """Give what a feed can say of each product."""
        return {id: {name: row[name] for name in SHOWN} for id, row in self.rows().items()}


@contextmanager
def following(cloud: Cloud, source: Source, mode: str = "full") -> Iterator[Syncs]:
    """Have the catalogue follow a source, for as long as the block lasts."""
    with Receiver() as server:
        server.behaviours["/feed"] = source.whole() if mode == "full" else source.pages()
        url, format = server.url("/feed"), source.format
        yield Syncs(cloud, server, FEED_URL=url, FEED_FORMAT=format, FEED_MODE=mode)


def _record(row: Json, old: Json | None) -> Json:
    images = {"NewImage": row} | ({"OldImage": old} if old else {})
    keys = {name: row[name] for name in ("job_id", "part")}
    return {
        "eventName": "MODIFY" if old else "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {"Keys": keys, **images},
    }
