"""Planning files and putting results together, step by step."""

import gzip
import itertools
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from moto.s3 import models
from moto.s3.exceptions import NoSuchUpload

from batch_processing import files
from batch_processing.formats import converting
from interchange import aws, store
from tests.answers import body_of, refusal
from tests.architecture import Json
from tests.aws_events import queue
from tests.faults import OURS, ProcessDied, hooked, refusing
from tests.imports import Imports
from tests.moto_cloud import Cloud, Context

CSV = b"email,name\n" + b"".join(b"user%02d@example.com,User\n" % number for number in range(9))
NO_TIME = Context(remaining_millis=0)


def begun(cloud: Cloud, file: bytes = CSV, **given: Any) -> tuple[Imports, str]:
    """Give an import whose file has come, and the job's id."""
    imports = Imports(cloud)
    job_id: str = body_of(imports.start(file, **given))["id"]
    imports.arrive(job_id)
    imports.advance()
    return imports, job_id


def plan(
    cloud: Cloud, file: bytes = CSV, *, chunk_bytes: int = 80, **given: Any
) -> tuple[Imports, Json]:
    imports, job_id = begun(cloud, file, **given)
    assert imports.steps(chunk_bytes)
    return imports, imports.row(job_id)


def cut(imports: Imports, job: Json) -> bytes:
    """Give what the chunks are of the file, one after the other."""
    found = imports.parts(job["job_id"], "chunk")
    bucket, plan = imports.cloud.name("ImportsBucket"), job["plan"]
    return b"".join(
        files.part(bucket, plan["key"], etag=plan["etag"], start=each["start"], end=each["end"])
        for each in found
    )


def test_a_file_is_cut_into_chunks_that_are_the_whole_of_it(cloud: Cloud) -> None:
    imports, job = plan(cloud)

    assert cut(imports, job) == CSV[11:]
    assert (job["status"], job["chunks"], job["rows"]) == ("running", 3, 9)
    first = imports.parts(job["job_id"], "chunk")[0]
    assert (first["status"], first["first_row"], first["first_line"]) == ("pending", 1, 2)
    assert (first["rows"], first["correlation_id"]) == (3, job["correlation_id"])


def test_planning_goes_on_where_its_time_ended(cloud: Cloud) -> None:
    imports, job_id = begun(cloud, CSV + b"z@b.co,Z\n" * 220)

    steps = 0
    while imports.row(job_id)["status"] == "planning":
        imports.steps(8, context=NO_TIME)
        imports.advance()
        steps += 1

    job = imports.row(job_id)
    assert steps > 2
    assert cut(imports, job) == CSV[11:] + b"z@b.co,Z\n" * 220
    assert job["chunks"] == len(imports.parts(job_id, "chunk")) == 229


def test_a_step_that_comes_again_plans_the_same_once(cloud: Cloud) -> None:
    imports, job_id = begun(cloud)
    message = {"job_id": job_id, "step": 1}
    imports.steps(80)
    before = imports.parts(job_id, "chunk"), imports.row(job_id)

    cloud.invoke("StepImportFunction", queue(message), CHUNK_BYTES="80")

    assert (imports.parts(job_id, "chunk"), imports.row(job_id)) == before


def test_of_two_planners_at_once_one_starts_the_job(cloud: Cloud) -> None:
    imports, job_id = begun(cloud)
    others: list[None] = []

    def overtake(**_: object) -> None:
        if not others:
            others.append(None)
            event = queue({"job_id": job_id, "step": 1})
            cloud.invoke("StepImportFunction", event, CHUNK_BYTES="80")

    with hooked("before-call.dynamodb.TransactWriteItems", overtake):
        imports.steps(80)

    job = imports.row(job_id)
    assert (others, job["status"], job["chunks"]) == ([None], "running", 3)
    assert cut(imports, job) == CSV[11:]


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"\n", "header_missing"),
        (b"\xff\xfe", "header_missing"),
        (b"email\n", "header_mismatch"),
        (b"\x80\n", "header_unreadable"),
        (CSV + b'"', "quote_unclosed"),
        (CSV + b'"' + b"x" * 1_000_100, "row_too_large"),
        (gzip.compress(b""), "header_missing"),
        (gzip.compress(CSV)[:-4], "gzip_truncated"),
        (gzip.compress(bytes(20_000_000)), "gzip_bomb"),
        (gzip.compress(CSV) + b"nonsense", "gzip_malformed"),
        (b"\x1f\x8b" + CSV, "gzip_malformed"),
    ],
    ids=lambda each: each if isinstance(each, str) else f"{len(each)} bytes",
)
def test_a_file_that_cannot_be_imported_fails_with_a_code_and_nothing_of_it_is(
    cloud: Cloud, file: bytes, code: str
) -> None:
    imports, job = plan(cloud, file)

    ended = imports.finish(job["job_id"])
    assert (ended["status"], ended["error"]["code"]) == ("failed", code)
    assert (ended["counts"]["total"], imports.users()) == (0, {})
    assert cloud.waiting("ChunksQueue") == 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "windows-1252"])
def test_another_encoding_is_told_or_taken_at_its_word(cloud: Cloud, encoding: str) -> None:
    file = "email;name\nzoe@b.co;Zoë\n".encode(encoding)
    job = Imports(cloud).run(file, encoding=encoding)

    assert job["status"] == "completed"
    assert (job["file"]["encoding"], job["file"]["delimiter"]) == (encoding, ";")
    assert Imports(cloud).users() == {"zoe@b.co": "Zoë"}


def test_utf_16_is_told_by_its_mark(cloud: Cloud) -> None:
    job = Imports(cloud).run("\ufeffemail\tname\na@b.co\tAda\n".encode("utf-16-le"))

    assert (job["file"]["encoding"], job["file"]["delimiter"]) == ("utf-16-le", "\t")
    assert job["counts"]["created"] == 1


def test_bytes_that_are_not_the_encoding_are_named(cloud: Cloud) -> None:
    _, job = plan(cloud, CSV + b"\x81", encoding="windows-1252")

    assert job["error"]["code"] == "undecodable"
    assert str(len(CSV)) in job["error"]["detail"]


def test_gzip_is_told_by_its_first_bytes(cloud: Cloud) -> None:
    imports = Imports(cloud)
    job = imports.run(gzip.compress(CSV), chunk_bytes=80)

    assert (job["status"], job["counts"]["created"]) == ("completed", 9)
    assert (job["file"]["compression"], job["file"]["bytes"]) == ("gzip", len(CSV))
    listed = aws.s3().list_objects_v2(Bucket=cloud.name("ImportsBucket"))["Contents"]
    folders = {each["Key"].partition("/")[0] for each in listed if job["id"] in each["Key"]}
    assert folders == {"results"}  # what was uploaded, and what it became, is gone


def test_another_file_in_the_place_of_the_first_is_not_planned(cloud: Cloud) -> None:
    imports, job_id = begun(cloud)
    bucket = cloud.name("ImportsBucket")
    aws.s3().put_object(Bucket=bucket, Key=f"imports/{job_id}", Body=b"email,name\ne@b.co,Eve\n")

    imports.steps()

    assert imports.row(job_id)["error"]["code"] == "file_changed"


def test_planning_that_never_succeeds_ends_the_job(cloud: Cloud) -> None:
    imports, job_id = begun(cloud)
    event = queue({"job_id": job_id, "step": 1})

    with refusing("s3", "GetObject", "NoSuchKey", 404):
        for _ in range(3):
            assert cloud.invoke("StepImportFunction", event, RECEIVES="5")["batchItemFailures"]
    assert imports.row(job_id)["status"] == "planning"
    cloud.invoke("StepImportFunction", event, RECEIVES="5")

    assert imports.row(job_id)["error"]["code"] == "planning_failed"


def finishing(cloud: Cloud, file: bytes = CSV, *, works: int = 2) -> tuple[Imports, str, Json]:
    """Give an import of three chunks, cancelled behind some, and its finishing's message."""
    imports, job_id = begun(cloud, file)
    imports.steps(80)
    imports.advance()
    messages = [json.loads(each["Body"]) for each in cloud.messages("ChunksQueue")]
    assert all(imports.work(each) for each in messages[:works])
    imports.call("CancelImportFunction", "DELETE", job_id)
    assert all(imports.work(each) for each in messages[works:])
    imports.advance()
    assert imports.row(job_id)["status"] == "finishing"
    return imports, job_id, queue({"job_id": job_id, "step": imports.row(job_id)["step"]})


def test_an_upload_that_nobody_may_read_is_given_up_before_the_results_are(cloud: Cloud) -> None:
    imports, job_id, event = finishing(cloud)

    def refuse(params: Json, **_: object) -> Any:
        if "/imports/" in params["url_path"]:
            answer = {"Error": {"Code": "AccessDenied", "Message": ""}, "ResponseMetadata": {}}
            return SimpleNamespace(status_code=403), answer
        return None

    with hooked("before-call.s3.GetObject", refuse):  # as of one that is gone, without ListBucket
        tries = [cloud.invoke("StepImportFunction", event, RECEIVES="5") for _ in range(3)]

    assert [bool(each["batchItemFailures"]) for each in tries] == [True, True, False]
    ended = imports.finish(job_id)
    assert (ended["status"], ended["error"]["code"]) == ("cancelled", "file_changed")
    assert (ended["counts"]["created"], ended["counts"]["unprocessed"]) == (6, 3)
    assert len(imports.files(job_id)["unprocessed"].splitlines()) == 4


@pytest.mark.parametrize("left", [3, 0])
def test_finishing_that_never_succeeds_ends_the_job_and_a_retry_finishes_it(
    cloud: Cloud, left: int
) -> None:
    imports, job_id, event = finishing(cloud, works=3 - left // 3)

    with refusing("s3", "PutObject", "AccessDenied", 403):
        for _ in range(3):
            assert cloud.invoke("StepImportFunction", event, RECEIVES="5")["batchItemFailures"]
        assert imports.row(job_id)["status"] == "finishing"
        assert cloud.invoke("StepImportFunction", event, RECEIVES="5") == {"batchItemFailures": []}

    ended = imports.finish(job_id)
    assert (ended["status"], ended["error"]["code"]) == ("cancelled", "results_failed")
    assert (ended["counts"]["created"], ended["counts"]["unprocessed"]) == (9 - left, left)
    answer = imports.call("GetResultsFunction", "GET", job_id)
    assert refusal(answer) == (404, "results_not_found")
    imports.call("RetryImportFunction", "POST", job_id)
    assert imports.finish(job_id)["status"] == "completed"
    assert len(imports.files(job_id)["succeeded"].splitlines()) == 10


def test_results_are_put_together_step_by_step(cloud: Cloud) -> None:
    file = CSV + b"nobody,Bob\n" * 5
    whole = Imports(cloud)
    expected = whole.files(whole.run(file, chunk_bytes=60, dry_run="true")["id"])
    imports, job_id = begun(cloud, file, dry_run="true")
    imports.steps(60)
    while imports.advance() or imports.chunks():
        pass

    steps = 0
    while imports.row(job_id)["status"] == "finishing":
        imports.steps(60, context=NO_TIME)
        imports.advance()
        steps += 1

    assert steps > 10
    assert imports.files(job_id) == expected
    assert imports.job(job_id)["counts"] == whole.job(job_id)["counts"]


def test_a_large_file_is_written_part_by_part_by_one_process_after_the_other(cloud: Cloud) -> None:
    bucket, first = cloud.name("ImportsBucket"), [b"a" * files.PART_BYTES, b"b"]
    growing = files.Growing(bucket, "results/x", "text/csv")
    for each in first:
        growing.write(each)

    rest = files.Growing(bucket, "results/x", "text/csv", growing.kept("results/held"))
    rest.write(b"c" * files.PART_BYTES)
    rest.write(b"d")
    rest.end()

    assert files.whole(bucket, "results/x") == b"".join([*first, b"c" * files.PART_BYTES, b"d"])


@pytest.fixture
def lost_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have moto say what AWS says of a part for an upload that has ended."""
    upload_part = models.S3Backend.upload_part

    def told(self: Any, bucket_name: str, multipart_id: str, *part: Any) -> Any:
        if multipart_id not in self.get_bucket(bucket_name).multiparts:
            raise NoSuchUpload(upload_id=multipart_id)
        return upload_part(self, bucket_name, multipart_id, *part)

    monkeypatch.setattr(models.S3Backend, "upload_part", told)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a file of some hundred bytes be one of many blocks and parts."""
    monkeypatch.setattr(converting, "_BLOCK", 150)
    monkeypatch.setattr(files, "PART_BYTES", 100)
    monkeypatch.setattr(models, "S3_UPLOAD_PART_MIN_SIZE", 1)


def convert(imports: Imports, job_id: str) -> int:
    """Take steps without time until the file is planned; say how many it took."""
    for number in range(1, 50):
        imports.steps(80, context=NO_TIME)
        imports.advance()
        if imports.row(job_id)["status"] != "planning":
            return number
    raise AssertionError("it takes steps without end")


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_is_converted_by_as_many_steps_as_it_takes(
    cloud: Cloud, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    text = CSV.decode().replace("User", "Zo\N{GRINNING FACE}")
    imports, job_id = begun(cloud, pack(text.encode(encoding)), encoding=encoding)

    steps = convert(imports, job_id)

    assert (steps > 1) == ((encoding, pack) != ("utf-8", bytes))
    assert cut(imports, imports.row(job_id)) == text.encode()[11:]


@pytest.mark.usefixtures("small_parts", "lost_uploads")
def test_a_conversion_killed_after_any_call_gives_the_same_file(cloud: Cloud) -> None:
    packed = gzip.compress(CSV)
    for number in itertools.count(1):
        cloud.clear()
        imports, job_id = begun(cloud, packed)
        calls = itertools.count(1)

        def die(model: Any, calls: Any = calls, number: int = number, **_: object) -> None:
            if model.name not in OURS and next(calls) == number:
                raise ProcessDied(model.name)

        alive = True
        with hooked("after-call", die):
            try:
                convert(imports, job_id)
            except ProcessDied:
                alive = False
        if not alive:  # what was in work comes again
            row = imports.row(job_id)
            message = queue(json.dumps({"job_id": job_id, "step": row["step"]}))
            cloud.invoke("StepImportFunction", message, CHUNK_BYTES="80", context=NO_TIME)
            imports.seen.clear()
            imports.advance()
            convert(imports, job_id)
        assert cut(imports, imports.row(job_id)) == CSV[11:], f"died after call {number}"
        if alive:
            break
    assert number > 9


@pytest.mark.usefixtures("lost_uploads")
@pytest.mark.parametrize("more", [b"c", b"c" * files.PART_BYTES])
def test_a_file_that_an_earlier_try_has_ended_is_there(cloud: Cloud, more: bytes) -> None:
    bucket = cloud.name("ImportsBucket")
    growing = files.Growing(bucket, "results/x", "text/csv")
    growing.write(b"a" * files.PART_BYTES + b"b")
    kept = growing.kept("results/held")

    found = []
    for _ in range(2):  # the second does not know of the first, which died
        again = files.Growing(bucket, "results/x", "text/csv", kept)
        again.write(more)
        found.append(again.end())

    assert found[0] == found[1]
    assert files.whole(bucket, "results/x") == b"a" * files.PART_BYTES + b"b" + more


@pytest.mark.usefixtures("small_parts", "lost_uploads")
def test_damage_that_is_met_again_after_a_death_is_told_as_what_it_is(cloud: Cloud) -> None:
    imports, job_id = begun(cloud, gzip.compress(CSV)[:-1])
    imports.steps(80, context=NO_TIME)
    kept = imports.row(job_id)
    imports.advance()
    imports.steps(80)  # it gives the file up, and dies before it says so
    store.put(cloud.name("ImportsTable"), kept, when="attribute_exists(#job_id)")

    event = queue({"job_id": job_id, "step": kept["step"]})
    cloud.invoke("StepImportFunction", event, CHUNK_BYTES="80")

    assert imports.row(job_id)["error"]["code"] == "gzip_truncated"


def test_of_a_job_that_did_not_cancel_an_end_without_results_is_a_failure(cloud: Cloud) -> None:
    imports, job_id = begun(cloud)
    imports.steps(80)
    while imports.row(job_id)["status"] != "finishing":
        assert imports.advance() or imports.chunks()
    event = queue({"job_id": job_id, "step": 2})

    cloud.invoke("StepImportFunction", event, RECEIVES="2")

    job = imports.finish(job_id)
    assert (job["status"], job["error"]["code"]) == ("failed", "results_failed")
    assert (job["counts"]["created"], job["counts"]["total"]) == (9, 9)
