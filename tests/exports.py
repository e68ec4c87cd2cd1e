"""Exports in moto, from the request to the file: the stream and the queue by hand."""

import gzip
import json
from typing import Any

from interchange import aws, items, users
from interchange.trace import Trace
from tests.answers import body_of
from tests.architecture import Json
from tests.aws_events import queue, request
from tests.moto_cloud import Cloud, Context

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
AT = "2026-01-15T09:30:00.000Z"
NO_TIME = Context(remaining_millis=0)
PATH = "/api/users/exports"


def put_users(cloud: Cloud, *names: str, origin: str = "registered", at: str = AT) -> None:
    """Put a user of each name, at an address made of where it stands."""
    for index, name in enumerate(names):
        email = f"user{index}@b.co"
        row = users.row(email=email, name=name, origin=origin, now=at, trace=TRACE)
        aws.dynamodb().put_item(TableName=cloud.name("UsersTable"), Item=items.pack(row))


class Exports:
    """Carries what AWS carries, until nothing moves; a test may step in anywhere."""

    def __init__(
        self, cloud: Cloud, *, segments: int = 2, page_rows: int = 2, file_bytes: int = 1
    ) -> None:
        self.cloud, self.seen = cloud, dict[tuple[str, str], Json]()
        self.segments: Json = {"SEGMENTS": str(segments)}
        self.sizes: Json = {"PAGE_ROWS": str(page_rows), "FILE_BYTES": str(file_bytes)}

    def start(self, *, key: str | None = None, **asked: Any) -> Json:
        """Ask for an export; give the answer."""
        headers = {"Idempotency-Key": key} if key else {}
        event = request("POST", PATH, body=asked, headers=headers)
        answer: Json = self.cloud.invoke("StartExportFunction", event, **self.segments)
        return answer

    def run(self, **asked: Any) -> Json:
        """Export to the end; give the job."""
        answer = self.start(**asked)
        assert answer["statusCode"] == 202, answer["body"]
        return self.finish(body_of(answer)["id"])

    def finish(self, job_id: str) -> Json:
        """Carry until nothing moves; give the job."""
        while self.advance() or self.steps():
            pass
        return self.job(job_id)

    def advance(self) -> bool:
        """Carry the table's changes; say whether there were any."""
        rows = {(r["job_id"]["S"], r["part"]["S"]): r for r in self.cloud.images("ExportsTable")}
        changed = {key: row for key, row in rows.items() if self.seen.get(key) != row}
        records = [_record(row, self.seen.get(key)) for key, row in changed.items()]
        self.cloud.pass_on("AdvanceExportFunction", records)
        self.seen |= changed
        return bool(changed)

    def steps(self, *, context: Context | None = None) -> bool:
        """Take the steps that are due; say whether there were any."""
        found = self.cloud.messages("ExportStepsQueue")
        for message in found:
            assert self.work(json.loads(message["Body"]), context=context)
        return bool(found)

    def work(self, message: Json, *, context: Context | None = None, **variables: Any) -> bool:
        """Take one step; say whether its message is gone."""
        given: Json = {} if context is None else {"context": context}
        answer: Json = self.cloud.invoke(
            "StepExportFunction", queue(message), **self.sizes, **variables, **given
        )
        return not answer["batchItemFailures"]

    def call(self, function: str, method: str, job_id: str) -> Json:
        """Call a route of a job."""
        event = request(method, f"{PATH}/{{job_id}}", job_id=job_id)
        answer: Json = self.cloud.invoke(function, event)
        return answer

    def job(self, job_id: str) -> Json:
        """Read a job as callers do."""
        found: Json = body_of(self.call("GetExportFunction", "GET", job_id))
        return found

    def row(self, job_id: str, part: str = "job") -> Json:
        """Read a row of the table."""
        key = items.pack({"job_id": job_id, "part": part})
        found = aws.dynamodb().get_item(TableName=self.cloud.name("ExportsTable"), Key=key)
        return items.unpack(found["Item"])

    def file(self, job: Json) -> bytes:
        """Read the job's file, unpacked."""
        packed = ".gz" if job["compression"] else ""
        key = f"exports/{job['id']}/users.{job['format']}{packed}"
        bucket = self.cloud.name("ExportsBucket")
        data = aws.s3().get_object(Bucket=bucket, Key=key)["Body"].read()
        return gzip.decompress(data) if packed else data

    def keys(self, job_id: str) -> list[str]:
        """Name what the job has in the bucket, below its folder."""
        bucket, folder = self.cloud.name("ExportsBucket"), f"exports/{job_id}/"
        found = aws.s3().list_objects_v2(Bucket=bucket, Prefix=folder).get("Contents", [])
        return [each["Key"].removeprefix(folder) for each in found]

    def told(self) -> list[Json]:
        """Give the events about exports that have been published."""
        found = [json.loads(each["Body"]) for each in self.cloud.messages("EventLogQueue")]
        return [each for each in found if each["type"] == "users.export.completed"]


def _record(row: Json, old: Json | None) -> Json:
    images = {"NewImage": row} | ({"OldImage": old} if old else {})
    keys = {name: row[name] for name in ("job_id", "part")}
    return {
        "eventName": "MODIFY" if old else "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {"Keys": keys, **images},
    }
