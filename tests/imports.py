"""Imports in moto, from a file to their end: the stream, the queues and S3's events by hand."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from interchange import aws, items
from tests.answers import body_of
from tests.architecture import Json
from tests.aws_events import queue, request, uploaded
from tests.moto_cloud import Cloud, Context

CSV = {"Content-Type": "text/csv"}

type Order = Callable[[list[Json]], list[Json]]


def as_sent(messages: list[Json]) -> list[Json]:
    """Work messages off in the order in which they were sent."""
    return messages


def asking(event: Json, query: Json) -> Json:
    """Give a request these query parameters."""
    values = {name: [value] for name, value in query.items()} or None
    return event | {"multiValueQueryStringParameters": values}


class Imports:
    """Carries what AWS carries, until nothing moves; a test may step in anywhere."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.seen: dict[tuple[str, ...], Json] = {}

    def start(
        self, body: bytes, *, headers: Json | None = None, key: str | None = None, **query: Any
    ) -> Json:
        """Send a file in a request; give the answer."""
        given = CSV | (headers or {}) | ({"Idempotency-Key": key} if key else {})
        event = asking(request("POST", "/api/users/batch", body=body, headers=given), query)
        answer: Json = self.cloud.invoke("StartImportFunction", event)
        return answer

    def arrive(self, job_id: str, *, times: int = 1) -> None:
        """Have S3 tell that the job's file has come."""
        bucket = self.cloud.name("ImportsBucket")
        key = f"imports/{job_id}"
        etag = aws.s3().head_object(Bucket=bucket, Key=key)["ETag"]
        event = uploaded(bucket, *[key] * times, etag=etag.strip('"'))
        self.cloud.invoke("TakeUploadFunction", event)

    def run(self, body: bytes, *, chunk_bytes: int = 32_768, **given: Any) -> Json:
        """Import a file to its end; give the job."""
        answer = self.start(body, **given)
        assert answer["statusCode"] == 202, answer["body"]
        job_id: str = body_of(answer)["id"]
        self.arrive(job_id)
        return self.finish(job_id, chunk_bytes=chunk_bytes)

    def finish(self, job_id: str, *, chunk_bytes: int = 32_768, order: Order = as_sent) -> Json:
        """Carry until nothing moves; give the job."""
        while self.advance() or self.steps(chunk_bytes) or self.chunks(order):
            pass
        return self.job(job_id)

    def advance(self) -> bool:
        """Carry the table's changes; say whether there were any."""
        rows = self.cloud.images("ImportsTable")
        return self._carry("AdvanceImportFunction", rows, "job_id", "part")

    def tell_users(self) -> None:
        """Carry the users table's changes to who publishes them."""
        self._carry("PublishUserEventsFunction", self.cloud.rows("UsersTable"), "id")

    def _carry(self, function: str, found: list[Json], *key: str) -> bool:
        rows = {tuple(row[name]["S"] for name in key): row for row in found}
        changed = {at: row for at, row in rows.items() if self.seen.get(at) != row}
        records = [_record(row, self.seen.get(at), key) for at, row in changed.items()]
        self.cloud.pass_on(function, records)
        self.seen |= changed
        return bool(changed)

    def steps(self, chunk_bytes: int = 32_768, *, context: Context | None = None) -> bool:
        """Take the steps that are due; say whether there were any."""
        found = self.cloud.messages("StepsQueue")
        for message in found:
            event = queue(message["Body"])
            given: Json = {} if context is None else {"context": context}
            answer = self.cloud.invoke(
                "StepImportFunction", event, CHUNK_BYTES=str(chunk_bytes), **given
            )
            assert answer == {"batchItemFailures": []}
        return bool(found)

    def chunks(self, order: Order = as_sent) -> bool:
        """Work the chunks that are due off; say whether there were any."""
        found = order(self.cloud.messages("ChunksQueue"))
        for message in found:
            assert self.work(json.loads(message["Body"]))
        return bool(found)

    def work(self, message: Json, *, context: Context | None = None) -> bool:
        """Work one chunk off; say whether its message is gone."""
        given: Json = {} if context is None else {"context": context}
        answer: Json = self.cloud.invoke("ImportChunkFunction", queue(message), **given)
        return not answer["batchItemFailures"]

    def job(self, job_id: str) -> Json:
        """Read a job as callers do."""
        event = request("GET", "/api/users/batch/{job_id}", job_id=job_id)
        found: Json = body_of(self.cloud.invoke("GetImportFunction", event))
        return found

    def call(self, function: str, method: str, job_id: str, **query: Any) -> Json:
        """Call a route of a job."""
        path = "/api/users/batch/{job_id}"
        event = asking(request(method, path, job_id=job_id), query)
        answer: Json = self.cloud.invoke(function, event)
        return answer

    def row(self, job_id: str, part: str = "job") -> Json:
        """Read a row of the table."""
        key = items.pack({"job_id": job_id, "part": part})
        found = aws.dynamodb().get_item(TableName=self.cloud.name("ImportsTable"), Key=key)
        return items.unpack(found.get("Item", {}))

    def parts(self, job_id: str, kind: str) -> list[Json]:
        """Read a job's rows of a kind, in order."""
        found = map(items.unpack, self.cloud.rows("ImportsTable"))
        of_job = [each for each in found if each["job_id"] == job_id and each["kind"] == kind]
        return sorted(of_job, key=lambda each: str(each["part"]))

    def files(self, job_id: str) -> dict[str, str]:
        """Read the job's three result files."""
        job = self.row(job_id)
        suffix = "csv" if job["format"] == "csv" else "ndjson"
        bucket, folder = self.cloud.name("ImportsBucket"), f"results/{job_id}/{job['round']}"
        return {
            kind: aws.s3()
            .get_object(Bucket=bucket, Key=f"{folder}/{kind}.{suffix}")["Body"]
            .read()
            .decode()
            for kind in ("succeeded", "failed", "unprocessed")
        }

    def users(self) -> dict[str, str]:
        """Give every user's name by address."""
        return {r["email"]["S"]: r["name"]["S"] for r in self.cloud.rows("UsersTable")}


def _record(row: Json, old: Json | None, key: Iterable[str]) -> Json:
    images = {"NewImage": row} | ({"OldImage": old} if old else {})
    keys = {name: row[name] for name in key}
    return {
        "eventName": "MODIFY" if old else "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {"Keys": keys, **images},
    }
