"""Whole exports: whatever dies, comes twice or stands still, every row once and one event."""

import csv
import io
import itertools
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from batch_processing import files
from interchange import aws
from tests.answers import body_of
from tests.architecture import Json
from tests.exports import NO_TIME, Exports, put_users
from tests.faults import ProcessDied, hooked, refusing
from tests.imports import Imports
from tests.moto_cloud import Cloud

NAMES = ["Ada", "=1+1", "'=x", 'K "e" n', "a;b, c", "😀 Zoë", "-5", "\ufeffBom", "@here", "+1 2"]


def table(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


def users(cloud: Cloud) -> dict[str, str]:
    return {r["email"]["S"]: r["name"]["S"] for r in cloud.images("UsersTable")}


def everybody(cloud: Cloud) -> Counter[str]:
    return Counter(list(users(cloud)))


def exported(data: bytes) -> Counter[str]:
    """Count how often each address is in the file; its header is its first row."""
    header, *rows = table(data)
    assert header == ["email", "name"]
    return Counter(row[0] for row in rows)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty bytes are a part of an upload, for S3 and for us."""
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 50)
    monkeypatch.setattr(files, "SMALLEST_PART", 50)
    monkeypatch.setattr(files, "PART_BYTES", 50)


@pytest.mark.parametrize(
    ("segments", "file_bytes", "compression"),
    [(1, 1, None), (3, 60, "gzip"), (3, 10_000, None), (1, 10_000, "gzip")],
)
def test_every_user_is_in_the_file_once(
    cloud: Cloud, segments: int, file_bytes: int, compression: str | None
) -> None:
    put_users(cloud, *NAMES)
    exports = Exports(cloud, segments=segments, file_bytes=file_bytes)

    job = exports.run(compression=compression)

    assert job["status"] == "completed"
    assert job["counts"] == {"total": 10, "exported": 10, "filtered": 0}
    assert exported(exports.file(job)) == everybody(cloud)
    (event,) = exports.told()
    assert event["data"] == {"id": job["id"], "status": "completed", "counts": job["counts"]}
    packed = ".gz" if compression else ""
    assert exports.keys(job["id"]) == [f"users.csv{packed}"]  # what it was made of is gone


@pytest.mark.parametrize(("format", "compression"), [("csv", None), ("ndjson", "gzip")])
def test_an_import_of_what_was_exported_gives_the_same_users(
    cloud: Cloud, format: str, compression: str | None
) -> None:
    put_users(cloud, *NAMES)
    before, exports = users(cloud), Exports(cloud)
    file = exports.file(exports.run(format=format, compression=compression))
    media = {"csv": "text/csv", "ndjson": "application/x-ndjson"}[format]
    headers = {"Content-Type": media}

    same = Imports(cloud).run(file, headers=headers, mode="upsert")
    assert (same["counts"]["unchanged"], same["counts"]["total"]) == (len(NAMES), len(NAMES))
    for user in ids(cloud):
        aws.dynamodb().delete_item(TableName=cloud.name("UsersTable"), Key={"id": {"S": user}})
    Imports(cloud).run(file, headers=headers)

    assert users(cloud) == before


def ids(cloud: Cloud) -> dict[str, str]:
    return {r["id"]["S"]: r["email"]["S"] for r in cloud.images("UsersTable")}


def test_without_users_there_is_a_header_alone_or_nothing(cloud: Cloud) -> None:
    exports = Exports(cloud, segments=3)

    assert exports.file(exports.run()) == b"email,name\n"
    assert exports.file(exports.run(compression="gzip")) == b"email,name\n"
    assert exports.file(exports.run(format="ndjson")) == b""


class DyingAt(Exports):
    """A function dies once, after a call of this number in its life; what it had comes again."""

    def __init__(self, cloud: Cloud, function: str, number: int, *, segments: int) -> None:
        super().__init__(cloud, segments=segments, page_rows=1)
        self.deaths, self._calls = 0, itertools.count(1)
        self._function, self._number = function, number
        self._act: Callable[..., Any] = cloud.invoke

    def finish(self, job_id: str) -> Json:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(self.cloud), "invoke", self._passed_on)
            return super().finish(job_id)

    def _passed_on(self, name: str, *args: Any, **given: Any) -> Any:
        return self._try(name, *args, **given)

    def _try(self, name: str, *args: Any, **given: Any) -> Any:
        if name != self._function:
            return self._act(name, *args, **given)
        try:
            with hooked("after-call", self._die):
                return self._act(name, *args, **given)
        except ProcessDied:
            self.deaths += 1
            return self._act(name, *args, **given)

    def _die(self, model: Any, **_: object) -> None:
        if next(self._calls) == self._number:
            raise ProcessDied(model.name)


@pytest.mark.parametrize(
    ("function", "segments"), [("StepExportFunction", 1), ("AdvanceExportFunction", 2)]
)
def test_a_function_killed_after_any_call_gives_the_same_file(
    cloud: Cloud, function: str, segments: int
) -> None:
    for number in itertools.count(1):
        cloud.clear()
        put_users(cloud, *NAMES[:2])
        exports = DyingAt(cloud, function, number, segments=segments)
        job = exports.run()
        assert (job["status"], job["counts"]["exported"]) == ("completed", 2), number
        assert exported(exports.file(job)) == everybody(cloud), number
        assert exports.keys(job["id"]) == ["users.csv"], number
        assert len({each["id"] for each in exports.told()}) == 1, number
        if not exports.deaths:
            break
    assert number > 5


class Twice(Exports):
    """Every message comes twice, and every second one once more when all is over."""

    def __init__(self, cloud: Cloud, **given: int) -> None:
        super().__init__(cloud, **given)
        self.messages: list[Json] = []

    def work(self, message: Json, **given: Any) -> bool:
        self.messages.append(message)
        return super().work(message, **given) and super().work(message, **given)


def test_messages_that_come_twice_and_late_change_nothing(cloud: Cloud) -> None:
    put_users(cloud, *NAMES)
    exports = Twice(cloud, page_rows=3)
    job = exports.run()

    for message in exports.messages[::2]:
        assert exports.work(message)

    again = exports.finish(job["id"])
    assert again | {"version": 0} == job | {"version": 0}
    assert exported(exports.file(job)) == everybody(cloud)
    assert len(exports.told()) == 1


def test_changes_that_come_twice_are_one_event(cloud: Cloud) -> None:
    put_users(cloud, *NAMES)
    exports = Exports(cloud)
    job = exports.run()

    exports.seen.clear()
    again = exports.finish(job["id"])

    assert again | {"version": 0} == job | {"version": 0}  # it was cleared up twice
    assert len({each["id"] for each in exports.told()}) == 1


def test_a_step_without_time_reads_a_page_and_hands_over(cloud: Cloud) -> None:
    put_users(cloud, *NAMES)
    exports = Exports(cloud, segments=1, file_bytes=10_000)
    job_id = body_of(exports.start())["id"]

    steps = 0
    while exports.advance() or exports.steps(context=NO_TIME):
        steps += 1

    job = exports.job(job_id)
    assert steps > 10
    assert exported(exports.file(job)) == everybody(cloud)
    assert exports.row(job_id, "segment#0000")["files"] == 5


def overtaken(cloud: Cloud, moment: int, overtake: Callable[[Exports, Json], object]) -> Exports:
    """Work on a segment; before one of the worker's calls, something happens to its export."""
    cloud.clear()
    put_users(cloud, *NAMES[:5])
    exports = Exports(cloud, segments=1)
    job_id = body_of(exports.start())["id"]
    exports.advance()
    (message,) = [json.loads(each["Body"]) for each in cloud.messages("ExportStepsQueue")]
    calls = itertools.count(1)

    def meanwhile(**_: object) -> None:
        if next(calls) == moment:
            overtake(exports, message)

    with hooked("before-call", meanwhile):
        exports.work(message)
    exports.work(message)  # it was not done, or it was: the queue brings it once more

    job = exports.finish(job_id)
    assert exported(exports.file(job)) == everybody(cloud), moment
    assert exports.keys(job_id) == ["users.csv"], moment
    return exports


def test_of_two_workers_on_one_segment_the_first_is_fenced(cloud: Cloud) -> None:
    """The second ends the whole export: what the first writes then is not to stay."""

    def end(exports: Exports, message: Json) -> None:
        exports.work(message)
        exports.finish(message["job_id"])

    for moment in range(1, 12):
        overtaken(cloud, moment, end)


def test_a_worker_is_fenced_by_one_who_died_further_on(cloud: Cloud) -> None:
    def die(exports: Exports, message: Json) -> None:
        def at_once(**_: object) -> None:
            raise ProcessDied

        with (
            hooked("after-call.dynamodb.TransactWriteItems", at_once),
            pytest.raises(ProcessDied),
        ):
            exports.work(message)

    for moment in range(2, 10):
        overtaken(cloud, moment, die)


def test_a_file_is_in_the_order_of_its_pieces_whatever_their_sizes(
    cloud: Cloud, small_pieces: None
) -> None:
    bucket, sizes = cloud.name("ExportsBucket"), (3, 70, 70, 2, 90, 10, 80, 1)
    growing, expected = files.Growing(bucket, "x", "text/csv"), b""
    for number, size in enumerate(sizes):
        data = str(number).encode() * size
        files.put(bucket, f"piece{number}", data)
        growing.add(f"piece{number}", size)
        expected += data
    growing.end()

    assert files.whole(bucket, "x") == expected


def test_pieces_that_are_large_are_copied_by_s3_and_the_small_ones_joined(
    cloud: Cloud, small_pieces: None
) -> None:
    put_users(cloud, *[f"{name}{'x' * 30}" for name in NAMES * 2])
    exports = Exports(cloud, segments=3, page_rows=2, file_bytes=60)

    with hooked("before-call.s3.UploadPartCopy", lambda **_: copies.append(None)):
        copies: list[None] = []
        job = exports.run()

    assert len(copies) > 3
    assert exported(exports.file(job)) == everybody(cloud)


def test_finishing_goes_on_piece_by_piece_where_its_time_ended(
    cloud: Cloud, small_pieces: None
) -> None:
    put_users(cloud, *NAMES)
    exports = Exports(cloud)
    job_id = body_of(exports.start())["id"]

    steps = 0
    while exports.advance() or exports.steps(context=NO_TIME):
        steps += exports.row(job_id)["status"] == "finishing"

    job = exports.job(job_id)
    assert steps > 5
    assert exported(exports.file(job)) == everybody(cloud)
    assert exports.keys(job_id) == ["users.csv"]


def test_a_file_that_was_ended_by_one_who_died_is_found(cloud: Cloud, small_pieces: None) -> None:
    """S3 does not know an upload any more that was completed."""
    put_users(cloud, *NAMES)
    exports = Exports(cloud)
    job_id = body_of(exports.start())["id"]
    while "finish" not in exports.row(job_id):
        exports.advance()
        exports.steps(context=NO_TIME)
    exports.advance()
    (message,) = [json.loads(each["Body"]) for each in cloud.messages("ExportStepsQueue")]

    def die(**_: object) -> None:
        raise ProcessDied

    with (
        hooked("after-call.s3.CompleteMultipartUpload", die),
        pytest.raises(ProcessDied),
    ):
        exports.work(message)
    with (
        refusing("s3", "UploadPart", "NoSuchUpload", 404),
        refusing("s3", "UploadPartCopy", "NoSuchUpload", 404),
        refusing("s3", "CompleteMultipartUpload", "NoSuchUpload", 404),
    ):
        assert exports.work(message)

    job = exports.finish(job_id)
    assert (job["status"], exported(exports.file(job))) == ("completed", everybody(cloud))


def test_who_is_there_all_the_time_is_in_the_file_whatever_else_changes(cloud: Cloud) -> None:
    put_users(cloud, *NAMES)
    stay = list(users(cloud))[::2]
    leaving = [user for user, email in ids(cloud).items() if email not in stay]
    exports = Exports(cloud, segments=2, file_bytes=10_000)

    def change(**_: object) -> None:
        if leaving:
            key: Any = {"id": {"S": leaving.pop()}}
            aws.dynamodb().delete_item(TableName=cloud.name("UsersTable"), Key=key)

    with hooked("after-call.dynamodb.Scan", change):
        job = exports.run()

    found = exported(exports.file(job))
    assert set(found.values()) == {1}
    assert set(stay) <= found.keys()
