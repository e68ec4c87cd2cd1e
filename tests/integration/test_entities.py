"""Another kind of thing is one module: nothing else of an import knows what users are."""

import json
from datetime import UTC, datetime

import pytest

from batch_processing import files, jobs
from batch_processing.entities import ENTITIES
from batch_processing.entities.entity import Entity
from interchange import items, store
from interchange.store import Item
from interchange.trace import Trace
from interchange.validation import Body
from tests.architecture import Json
from tests.imports import Imports
from tests.moto_cloud import Cloud

TRACE = Trace("order-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
FILE = b"meaning,word\nA cat,cat\n,dog\nNone,cat\nNew,old\n"


class Word(Body):
    """A word and what it means."""

    word: str
    meaning: str | None


def create(word: Word, job: Item, now: str) -> Item:
    """Make a new word's row."""
    return {"id": word.word, "meaning": word.meaning, "by": job["job_id"], "created_at": now}


WORDS = Entity(
    model=Word,
    table="users_table",  # any whose key is `id`
    identify=lambda word: str(word.word),
    create=lambda word, job, now: create(word, job, now) | {"version": 1},
    change=lambda word: {"meaning": word.meaning},
    column="word",
    exists="word_exists",
    completed="words.import.completed",
    topic="word-events",
    source="/api/words/batch",
)


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have words imported, too."""
    monkeypatch.setitem(ENTITIES, "words", WORDS)


def run(cloud: Cloud, file: bytes, *, mode: str) -> tuple[Imports, Json]:
    asked = dict.fromkeys(("delimiter", "encoding", "max_errors"))
    options: Item = {"mode": mode, "dry_run": False, "notify": False, **asked}
    about: Item = {"entity": "words", "format": "csv", "asked": options}
    now = datetime.now(UTC)
    job = jobs.new_job("job_" + "0" * 32, **about, now=now, days=1, trace=TRACE)
    store.put_new(cloud.name("ImportsTable"), job, key="job_id")
    files.put(cloud.name("ImportsBucket"), jobs.upload_key(job["job_id"]), file)
    imports = Imports(cloud)
    imports.arrive(job["job_id"])
    return imports, imports.finish(job["job_id"], chunk_bytes=10)


def put_word(cloud: Cloud, word: str) -> None:
    row = {"id": word, "meaning": "Was", "version": 1, "created_at": "2026-01-15T09:30:00.000Z"}
    store.put_new(cloud.name("UsersTable"), row)


def test_words_are_imported_by_their_own_columns_rules_and_codes(cloud: Cloud) -> None:
    put_word(cloud, "old")

    imports, job = run(cloud, FILE, mode="create")

    assert (job["status"], job["counts"]["created"]) == ("completed_with_errors", 2)
    refused = [(each["row"], each["column"], each["code"]) for each in job["errors"]]
    assert refused == [(3, "word", "duplicate_in_file"), (4, "word", "word_exists")]
    rows = {each["id"]: each for each in map(items.unpack, cloud.rows("UsersTable"))}
    assert (rows["cat"]["meaning"], rows["cat"]["by"]) == ("A cat", job["id"])
    assert imports.files(job["id"])["failed"].startswith("meaning,word,_row")


def test_words_are_changed_by_what_an_upsert_sets(cloud: Cloud) -> None:
    put_word(cloud, "old")

    _, job = run(cloud, FILE, mode="upsert")

    rows = {each["id"]: each for each in map(items.unpack, cloud.rows("UsersTable"))}
    assert (job["counts"]["updated"], rows["old"]["meaning"], rows["old"]["version"]) == (
        1,
        "New",
        2,
    )


def test_the_end_is_told_as_the_end_of_an_import_of_words(cloud: Cloud) -> None:
    _, job = run(cloud, FILE, mode="create")

    events = [json.loads(each["Body"]) for each in cloud.messages("EventLogQueue")]
    (event,) = [each for each in events if "import" in each["type"]]
    told = {name: event[name] for name in ("type", "topic", "source", "subject")}
    assert told == {
        "type": "words.import.completed",
        "topic": "word-events",
        "source": "/api/words/batch",
        "subject": job["id"],
    }
