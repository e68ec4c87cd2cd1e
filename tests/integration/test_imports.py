"""Whole imports: whatever dies, whatever comes first, the same counts and the same files."""

import itertools
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from interchange import items, store, users
from interchange.trace import Trace
from tests.answers import body_of
from tests.architecture import Json
from tests.faults import OURS, ProcessDied, hooked
from tests.imports import Imports, Order, as_sent
from tests.moto_cloud import Cloud

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
AT = "2026-01-15T09:30:00.000Z"
# An address in the first chunk and in the last, one that is new and one that has a user.
ROWS = [
    "ada@b.co,First",
    "grace@b.co,Grace",
    "old@b.co,First",
    "bad,Bob",
    '"ken@b.co","K ""e"" n"',
    "same@b.co,Same",
    "ADA@b.co,Second",
    "old@b.co,Old",
    "same@b.co,Other",
    "ada@b.co,Third",
]
FILE = "\n".join(["email,name", *ROWS, ""]).encode()
# Three chunks, for tests that run a whole import for each of its calls.
SMALL = b"email,name\nada@b.co,First\nbad,Bob\nold@b.co,New\nADA@b.co,Second\n"


def put_users(cloud: Cloud) -> None:
    cloud.clear()
    for name in ("Old", "Same"):
        email = f"{name.lower()}@b.co"
        user = users.row(email=email, name=name, origin="registered", now=AT, trace=TRACE)
        store.put_new(cloud.name("UsersTable"), user)


def ended(imports: Imports, job: Json) -> list[Any]:
    """Give what must be the same at every end: state, counts, errors, files, users."""
    counts = job["counts"]
    files = imports.files(job["id"])
    rows = {kind: len(text.splitlines()) - 1 for kind, text in files.items()}
    assert counts["total"] == sum(n for name, n in counts.items() if name != "total")
    succeeded = counts["created"] + counts["updated"] + counts["unchanged"]
    assert rows == {
        "succeeded": succeeded,
        "failed": counts["failed"],
        "unprocessed": counts["unprocessed"],
    }
    return [job["status"], counts, job["errors"], files, imports.users()]


def run(
    cloud: Cloud, order: Order, *, file: bytes = FILE, chunk_bytes: int = 40, **query: Any
) -> list[Any]:
    imports = Imports(cloud)
    job_id = body_of(imports.start(file, **query))["id"]
    imports.arrive(job_id)
    return ended(imports, imports.finish(job_id, chunk_bytes=chunk_bytes, order=order))


def backwards(found: list[Json]) -> list[Json]:
    return found[::-1]


def shuffled(found: list[Json]) -> list[Json]:
    return random.Random(len(found)).sample(found, len(found))


@pytest.mark.parametrize("mode", ["create", "upsert"])
@pytest.mark.parametrize("dry_run", ["false", "true"])
@pytest.mark.parametrize("order", [backwards, shuffled])
def test_the_order_of_chunks_decides_nothing(
    cloud: Cloud, mode: str, dry_run: str, order: Order
) -> None:
    query: Json = {"mode": mode, "dry_run": dry_run}
    put_users(cloud)
    expected = run(cloud, as_sent, **query)
    put_users(cloud)

    assert run(cloud, order, **query) == expected


def test_the_first_row_of_the_file_stands_for_an_address(cloud: Cloud) -> None:
    put_users(cloud)

    _, counts, errors, _, names = run(cloud, backwards, mode="upsert")

    assert counts == {
        "total": 10,
        "created": 3,
        "updated": 1,
        "unchanged": 1,
        "failed": 5,
        "unprocessed": 0,
    }
    assert [(each["row"], each["code"]) for each in errors] == [
        (4, "field_invalid"),
        (7, "duplicate_in_file"),
        (8, "duplicate_in_file"),
        (9, "duplicate_in_file"),
        (10, "duplicate_in_file"),
    ]
    assert names == {
        "ada@b.co": "First",
        "grace@b.co": "Grace",
        "old@b.co": "First",
        "same@b.co": "Same",
        "ken@b.co": 'K "e" n',
    }


@pytest.mark.parametrize("mode", ["create", "upsert"])
def test_a_duplicate_in_two_chunks_at_once_is_found(cloud: Cloud, mode: str) -> None:
    """Run the last chunk while the first writes, before each of its requests."""
    put_users(cloud)
    expected = run(cloud, as_sent, mode=mode)
    for moment in range(1, 6):
        put_users(cloud)
        imports = Imports(cloud)
        job_id = body_of(imports.start(FILE, mode=mode))["id"]
        imports.arrive(job_id)
        imports.advance()
        imports.steps(40)
        last = {"job_id": job_id, "part": imports.parts(job_id, "chunk")[-1]["part"]}
        calls = itertools.count(1)

        def meanwhile(
            imports: Imports = imports, last: Json = last, calls: Any = calls, **_: object
        ) -> None:
            if next(calls) == moment:  # noqa: B023 - called within this turn
                assert imports.work(last)

        with hooked("before-call.dynamodb.TransactWriteItems", meanwhile):
            assert imports.work({"job_id": job_id, "part": "chunk#000001"})

        assert ended(imports, imports.finish(job_id)) == expected


def test_a_worker_killed_after_any_call_gives_the_same_counts_and_files(cloud: Cloud) -> None:
    put_users(cloud)
    expected = run(cloud, backwards, file=SMALL, mode="upsert")

    for number in itertools.count(1):
        put_users(cloud)
        imports = Dying(cloud, number)
        job_id = body_of(imports.start(SMALL, mode="upsert"))["id"]
        imports.arrive(job_id)
        found = ended(imports, imports.finish(job_id, chunk_bytes=20, order=backwards))
        assert found == expected, f"died after call {number} of each chunk's worker"
        if not imports.deaths:
            break
    assert number > 5


class Dying(Imports):
    """Each chunk's worker dies once, after a call of this number; its message comes again."""

    def __init__(self, cloud: Cloud, number: int) -> None:
        super().__init__(cloud)
        self.number, self.deaths = number, 0

    def work(self, message: Json, **given: Any) -> bool:
        calls = itertools.count(1)

        def die(model: Any, **_: object) -> None:
            if model.name not in OURS and next(calls) == self.number:
                raise ProcessDied(model.name)

        try:
            with hooked("after-call", die):
                return super().work(message, **given)
        except ProcessDied:
            self.deaths += 1
            return super().work(message, **given)


@pytest.mark.parametrize("function", ["StepImportFunction", "AdvanceImportFunction"])
def test_a_step_killed_after_any_call_gives_the_same_counts_and_files(
    cloud: Cloud, function: str
) -> None:
    put_users(cloud)
    expected = run(cloud, as_sent, file=SMALL, chunk_bytes=1000)

    for number in itertools.count(1):
        put_users(cloud)
        imports = DyingAt(cloud, function, number)
        job_id = body_of(imports.start(SMALL))["id"]
        imports.arrive(job_id)
        job = imports.finish(job_id, chunk_bytes=1000)
        assert ended(imports, job) == expected, f"died after call {number}"
        ends = [each["Body"] for each in cloud.messages("EventLogQueue")]
        ids = {each.split('"id":"')[1][:36] for each in ends if "users.import" in each}
        assert len(ids) == 1
        if not imports.deaths:
            break
    assert number > 3


class DyingAt(Imports):
    """A function dies once, after a call of this number in its life; what it had comes again."""

    def __init__(self, cloud: Cloud, function: str, number: int) -> None:
        super().__init__(cloud)
        self.deaths, self._calls = 0, itertools.count(1)
        self._function, self._number = function, number
        self._act: Callable[..., Any] = cloud.invoke

    def finish(self, job_id: str, **given: Any) -> Json:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(self.cloud), "invoke", self._passed_on)
            return super().finish(job_id, **given)

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
        if model.name not in OURS and next(self._calls) == self._number:
            raise ProcessDied(model.name)


def test_users_keep_no_trace_of_rows_that_lost_their_places(cloud: Cloud) -> None:
    put_users(cloud)
    run(cloud, backwards)

    found = map(items.unpack, cloud.rows("UsersTable"))
    marks = {each["email"]: each.get("import_row") for each in found}
    assert marks == {
        "ada@b.co": 1,
        "grace@b.co": 2,
        "ken@b.co": 5,
        "old@b.co": None,
        "same@b.co": None,
    }


@pytest.mark.parametrize("mode", ["create", "upsert"])
def test_the_last_event_about_a_user_has_the_name_that_stays(cloud: Cloud, mode: str) -> None:
    put_users(cloud)
    imports = Imports(cloud)
    job_id = body_of(imports.start(FILE, mode=mode))["id"]
    imports.arrive(job_id)
    imports.advance()
    imports.steps(40)
    imports.advance()

    imports.tell_users()
    for message in backwards(cloud.messages("ChunksQueue")):
        assert imports.work(json.loads(message["Body"]))
        imports.tell_users()

    told = [json.loads(each["Body"]) for each in cloud.messages("EventLogQueue")]
    by_version = sorted(told, key=lambda each: int(each["data"]["version"]))
    assert {each["data"]["email"]: each["data"]["name"] for each in by_version} == imports.users()
    assert ("user.updated", "First") in {(each["type"], each["data"]["name"]) for each in told}


@pytest.mark.parametrize("big", ["," * 140_000, f"eve@b.co,{'x' * 140_000}", '"x"' * 50_000])
def test_a_row_of_any_size_stands_beside_one_that_loses_its_place(cloud: Cloud, big: str) -> None:
    rows = ["ada@b.co,First", big, "ada@b.co,Second", "grace@b.co,Grace"]
    file = "\n".join(["email,name", *rows, ""]).encode()

    found = run(cloud, backwards, file=file, chunk_bytes=20)

    status, counts, errors, files, names = found
    assert (status, counts["created"], counts["failed"]) == ("completed_with_errors", 2, 2)
    assert [(each["row"], each["code"] == "duplicate_in_file") for each in errors] == [
        (2, False),
        (3, True),
    ]
    assert (len(files["failed"]) > 140_000, names["ada@b.co"]) == (True, "First")


def begin(cloud: Cloud, file: bytes, **query: Any) -> tuple[Imports, str]:
    """Give an import that is planned, its chunks' messages in nobody's hands, and the job's id."""
    imports = Imports(cloud)
    job_id: str = body_of(imports.start(file, **query))["id"]
    imports.arrive(job_id)
    imports.advance()
    imports.steps(20)
    imports.advance()
    assert cloud.messages("ChunksQueue")
    return imports, job_id


def die_uncommitted(imports: Imports, job_id: str, part: str) -> None:
    """Have a chunk's worker write its rows, and die before it commits them."""
    with hooked("before-call.s3.PutObject", died), pytest.raises(ProcessDied):
        imports.work({"job_id": job_id, "part": part})


def died(**_: object) -> None:
    raise ProcessDied


def beside(imports: Imports, file: bytes) -> None:
    """Run another import to its end, and carry nothing of this one's."""
    other = Imports(imports.cloud)
    other.seen = dict(imports.seen)
    assert other.run(file, mode="upsert")["status"] == "completed"


ADA = b"email,name\nada@b.co,Ada\n"


@pytest.mark.parametrize("mode", ["create", "upsert"])
@pytest.mark.parametrize("others", [["Eve"], ["Eve", "Eva"], ["Ada"]])
def test_a_retried_chunk_recognises_its_own_row_once_other_imports_marked_it(
    cloud: Cloud, mode: str, others: list[str]
) -> None:
    put_users(cloud)
    imports, job_id = begin(cloud, ADA, mode=mode)
    die_uncommitted(imports, job_id, "chunk#000001")
    for name in others:
        beside(imports, ADA.replace(b"Ada", name.encode()))
    assert imports.work({"job_id": job_id, "part": "chunk#000001"})

    job = imports.finish(job_id)

    assert (job["status"], job["counts"]["created"], job["counts"]["total"]) == ("completed", 1, 1)
    assert imports.users()["ada@b.co"] == others[-1]


def test_the_first_row_wins_though_another_import_marked_the_second(cloud: Cloud) -> None:
    put_users(cloud)
    imports, job_id = begin(cloud, ADA + b"grace@b.co,Grace\nada@b.co,Second\n")
    *parts, last = [each["part"] for each in imports.parts(job_id, "chunk")]
    die_uncommitted(imports, job_id, last)
    beside(imports, ADA.replace(b"Ada", b"Eve"))
    assert all(imports.work({"job_id": job_id, "part": part}) for part in (last, *parts))

    status, counts, errors, _, names = ended(imports, imports.finish(job_id))

    assert (status, counts["created"], counts["failed"]) == ("completed_with_errors", 2, 1)
    assert [(each["row"], each["code"]) for each in errors] == [(3, "duplicate_in_file")]
    assert names["ada@b.co"] == "Ada"
