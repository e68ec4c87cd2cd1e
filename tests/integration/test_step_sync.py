"""A synchronisation's steps: what is read, what is written, what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from batch_processing.syncing import catalogue, leftovers, snapshots, steps
from interchange import aws, clock, store
from tests.architecture import Json
from tests.aws_events import request
from tests.faults import hooked, refusing
from tests.feed_source import COLUMNS, EPOCH, Source, as_array, as_csv, as_lines, at, product
from tests.moto_cloud import Cloud, Context
from tests.receiver import (
    RUBBISH,
    Behaviour,
    answering,
    in_turn,
    resetting,
    saying,
)
from tests.syncs import Syncs, following

LOCAL = {"name": "Ours", "category": "local", "price": 5, "currency": "EUR"}


def counts(**given: int) -> Json:
    names = ("created", "updated", "unchanged", "deleted", "failed")
    return {"total": sum(given.values()), **dict.fromkeys(names, 0), **given}


def shop(count: int, **given: str) -> Source:
    """Give a source with so many products."""
    found = [product(f"p{number:03}", seconds=number) for number in range(count)]
    return Source(*found, **given)  # type: ignore[arg-type]


def put(cloud: Cloud, id: str, **headers: str) -> None:
    """Put a product as a caller of the API does."""
    event = request("PUT", "/api/products/{id}", body=LOCAL, headers=headers, id=id)
    assert cloud.invoke("PutProductFunction", event)["statusCode"] in {200, 201}


@pytest.mark.parametrize("format", ["csv", "json", "ndjson"])
@pytest.mark.parametrize("mode", ["full", "incremental"])
def test_the_catalogue_becomes_equal_to_the_feed(cloud: Cloud, format: str, mode: str) -> None:
    source = Source(product("moka-pot"), product("cup", price=7, seconds=1), format=format)
    with following(cloud, source, mode) as syncs:
        job = syncs.run()

        assert (job["status"], job["counts"]) == ("completed", counts(created=2))
        assert syncs.products() == source.alive()


@pytest.mark.parametrize("mode", ["full", "incremental"])
def test_only_what_has_changed_is_written(cloud: Cloud, mode: str) -> None:
    source = shop(6)
    with following(cloud, source, mode) as syncs:
        syncs.run()
        before = syncs.rows()
        source.put("p001", seconds=10, price=1)
        source.put("new", seconds=11)
        source.delete("p002", seconds=12)

        job = syncs.run()

        unchanged = 4  # incremental, they are the overlap
        assert job["counts"] == counts(created=1, updated=1, deleted=1, unchanged=unchanged)
        assert syncs.products() == source.alive()
        after = syncs.rows()
        assert after["p000"] == before["p000"]
        assert (before["p001"]["version"], after["p001"]["version"]) == (1, 2)


def test_a_feed_that_has_not_changed_is_not_read(cloud: Cloud) -> None:
    with following(cloud, shop(2)) as syncs:
        syncs.run()

        job = syncs.run()

        assert (job["status"], job["not_modified"], job["counts"]) == ("completed", True, counts())
        assert syncs.run(from_start=True)["counts"] == counts(unchanged=2)
        assert syncs.run()["not_modified"]


def test_an_older_row_never_replaces_a_newer_one(cloud: Cloud) -> None:
    source = Source(product("cup", seconds=100, price=2))
    with following(cloud, source) as syncs:
        syncs.run()
        source.put("cup", seconds=99.999999, price=1)
        assert syncs.run()["counts"] == counts(unchanged=1)
        assert syncs.products()["cup"]["price"] == 2
        # Nor does it after the newer one has said the same, which changes no version.
        source.put("cup", seconds=200, price=2)
        syncs.run()
        source.put("cup", seconds=150, price=3)
        syncs.run()
        assert (syncs.products()["cup"]["price"], syncs.rows()["cup"]["version"]) == (2, 1)


def test_of_equal_times_what_was_read_last_holds(cloud: Cloud) -> None:
    source = Source(product("cup", price=1))
    with following(cloud, source) as syncs:
        syncs.run()
        source.put("cup", seconds=0, price=2)

        assert syncs.run()["counts"] == counts(updated=1)
        assert syncs.products() == source.alive()


def test_what_was_made_here_stays_and_what_was_changed_here_is_put_back(cloud: Cloud) -> None:
    source = shop(3)
    put(cloud, "ours", **{"If-None-Match": "*"})
    with following(cloud, source) as syncs:
        syncs.run()
        put(cloud, "p000", **{"If-Match": "*"})
        stock = request("POST", "/x", body={"delta": 9, "reason": "Delivery"}, id="p001")
        cloud.invoke("AdjustInventoryFunction", stock)
        source.put("p001", seconds=10, price=1)

        syncs.run()

        expected = source.alive() | {"ours": {**LOCAL, "description": ""}}
        assert syncs.products() == expected
        assert syncs.rows()["p001"]["stock"] == 9


def test_a_product_of_ours_that_the_feed_has_too_becomes_the_feeds(cloud: Cloud) -> None:
    put(cloud, "cup", **{"If-None-Match": "*"})
    source = Source(product("cup"))
    with following(cloud, source) as syncs:
        assert syncs.run()["counts"] == counts(updated=1)
        assert syncs.products() == source.alive()


def test_a_product_that_changes_at_the_very_moment_is_looked_at_again(cloud: Cloud) -> None:
    source = Source(product("cup", price=1))
    with following(cloud, source) as syncs:
        syncs.run()
        source.put("cup", seconds=1, price=2)
        meddled: list[None] = []

        def meddle(request: Any, **_: object) -> None:
            if not meddled and b"feed_updated_at" in request.body:
                meddled.append(None)
                put(cloud, "cup", **{"If-Match": "*"})

        with hooked("before-send.dynamodb.TransactWriteItems", meddle):
            job = syncs.run()

        assert (meddled, job["counts"]) == ([None], counts(updated=1))
        assert (syncs.products(), syncs.rows()["cup"]["version"]) == (source.alive(), 3)


def test_a_feed_that_shrinks_too_much_deletes_nothing_until_somebody_allows_it(
    cloud: Cloud,
) -> None:
    source = shop(10)
    with following(cloud, source) as syncs:
        syncs.run()
        for number in range(3):
            source.delete(f"p{number:03}", seconds=20)

        job = syncs.run()

        assert (job["status"], job["error"]["code"]) == ("failed", "feed_shrank")
        assert (len(syncs.rows()), job["counts"]) == (10, counts())
        assert syncs.run()["error"]["code"] == "feed_shrank"  # it is not taken for read
        job = syncs.run(allow_shrink=True)
        assert job["counts"] == counts(unchanged=7, deleted=3)
        assert syncs.products() == source.alive()
        assert syncs.run()["not_modified"]  # and it is the new measure


def test_as_many_rows_with_other_ids_are_a_feed_that_has_shrunk(cloud: Cloud) -> None:
    source = shop(5)
    with following(cloud, source) as syncs:
        syncs.run()
        source.rows = {f"other-{number}": product(f"other-{number}") for number in range(5)}

        job = syncs.run()

        assert job["error"]["code"] == "feed_shrank"
        assert len(syncs.rows()) == 10
        assert syncs.run(allow_shrink=True)["counts"] == counts(unchanged=5, deleted=5)


def test_an_empty_feed_is_one_that_has_shrunk(cloud: Cloud) -> None:
    source = shop(3)
    with following(cloud, source) as syncs:
        syncs.run()
        source.rows = {}
        assert syncs.run()["error"]["code"] == "feed_shrank"
        assert syncs.run(allow_shrink=True)["counts"] == counts(deleted=3)


def test_rows_that_are_wrong_are_named_and_their_products_stay(cloud: Cloud) -> None:
    source = shop(8, format="ndjson")
    with following(cloud, source) as syncs:
        syncs.run()
        source.rows["p003"] |= {"price": -1, "updated_at": at(50)}
        source.rows["p004"] |= {"updated_at": "yesterday"}
        source.rows["p005"] |= {"surprise": True}
        source.rows["Bad Id"] = product("Bad Id")
        source.rows["syncs"] = product("syncs")
        source.delete("p006", seconds=50)

        job = syncs.run()

        assert job["status"] == "completed_with_errors"
        assert job["counts"] == counts(unchanged=4, deleted=1, failed=5)
        named = [(each["row"], each["id"], each["column"], each["code"]) for each in job["errors"]]
        assert named == [
            (4, "p003", "price", "field_invalid"),
            (5, "p004", "updated_at", "field_invalid"),
            (6, "p005", "surprise", "field_invalid"),
            (8, "Bad Id", "id", "field_invalid"),
            (9, "syncs", "id", "field_invalid"),
        ]
        assert not syncs.run()["not_modified"]  # what failed is read again


def test_a_row_without_an_id_may_be_any_product_so_nothing_is_deleted(cloud: Cloud) -> None:
    source = shop(8)
    with following(cloud, source) as syncs:
        syncs.run()
        syncs.serve(
            answering(
                200,
                {"Content-Type": "application/json"},
                b'[{"id": "new"}, 7, {"name": "nobody"}]',
            ),
        )

        job = syncs.run(allow_shrink=True)

        assert (job["status"], job["error"]["code"]) == (
            "completed_with_errors",
            "rows_unidentified",
        )
        assert (job["counts"]["failed"], len(syncs.rows())) == (3, 8)


JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}
BODY = as_csv([product("cup"), product("pot")])


def said(headers: str, body: bytes) -> Behaviour:
    """Say an answer word for word, then hang up."""
    return saying(f"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n{headers}\r\n".encode() + body)


FAULTS: dict[str, tuple[Behaviour, str]] = {
    "it fails": (answering(503), "feed_status"),
    "it is gone": (answering(404), "feed_status"),
    "it is elsewhere": (answering(302, {"Location": "http://127.0.0.1/"}), "feed_status"),
    "it hangs up": (resetting, "feed_truncated"),
    "no HTTP": (RUBBISH, "feed_truncated"),
    "cut short": (said(f"Content-Length: {len(BODY)}\r\n", BODY[:-9]), "feed_truncated"),
    "longer than it is": (said(f"Content-Length: {len(BODY) + 1}\r\n", BODY), "feed_truncated"),
    "shorter than it is": (said(f"Content-Length: {len(BODY) - 9}\r\n", BODY), "feed_truncated"),
    "cut between chunks": (
        said("Transfer-Encoding: chunked\r\n", b"%x\r\n%s\r\n" % (len(BODY), BODY)),
        "feed_truncated",
    ),
    "no length": (said("", BODY), "feed_endless"),
    "no type": (answering(200, {}, BODY), "feed_media_type"),
    "another type": (answering(200, {"Content-Type": "text/html"}, BODY), "feed_media_type"),
    "encoded": (answering(200, CSV | {"Content-Encoding": "br"}, BODY), "feed_encoding"),
    "no columns": (answering(200, CSV, b"id,price\ncup,7\n"), "header_mismatch"),
    "nothing": (answering(200, CSV, b""), "header_missing"),
    "a quote": (answering(200, CSV, BODY + b'"oh\n'), "quote_unclosed"),
    "no gzip": (answering(200, CSV, b"\x1f\x8b" + BODY), "gzip_malformed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_unsound_feed_fails_the_run_and_changes_nothing(cloud: Cloud, fault: str) -> None:
    behaviour, code = FAULTS[fault]
    source = shop(2, format="csv")
    with following(cloud, source) as syncs:
        syncs.run()
        before = syncs.rows()

        job = syncs.serve(behaviour).run(allow_shrink=True, from_start=True)

        assert (job["status"], job["error"]["code"], job["counts"]) == ("failed", code, counts())
        assert syncs.rows() == before
        assert syncs.serve(source.whole()).run()["status"] == "completed"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'[{"id": "cup"', "feed_malformed"),
        (b'{"items": []}', "feed_malformed"),
        (b"[\xff]", "feed_malformed"),
        (b"[" * 100_000, "feed_malformed"),
    ],
    ids=["cut", "no array", "no UTF-8", "deep"],
)
@pytest.mark.parametrize("mode", ["full", "incremental"])
def test_what_is_no_whole_array_fails_the_run(
    cloud: Cloud, body: bytes, code: str, mode: str
) -> None:
    with following(cloud, shop(2), mode) as syncs:
        syncs.run()
        job = syncs.serve(answering(200, JSON, body)).run(allow_shrink=True)

        assert (job["status"], job["error"]["code"]) == ("failed", code)
        assert len(syncs.rows()) == 2


def test_a_slow_feed_fails_the_run(cloud: Cloud) -> None:
    with following(cloud, shop(2)) as syncs:
        syncs.serve(saying(b"HTTP/1.1 200 OK\r\n", then_hang=5))
        job_id = begun(syncs)

        job = syncs.finish(job_id, context=Context(remaining_millis=200))

        assert (job["status"], job["error"]["code"]) == ("failed", "feed_timeout")


def test_a_feed_that_is_too_large_fails_the_run(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "LARGEST", 100)
    with following(cloud, shop(9, format="csv")) as syncs:
        assert syncs.run()["error"]["code"] == "feed_too_large"
    monkeypatch.setattr(snapshots, "LARGEST", 10_000)
    monkeypatch.setattr(snapshots, "MOST_ROWS", 8)
    with following(cloud, shop(9, format="csv")) as syncs:
        assert syncs.run()["error"]["code"] == "feed_too_large"
        assert syncs.rows() == {}


def test_a_feed_that_fails_for_a_moment_is_asked_again(cloud: Cloud) -> None:
    source = shop(2, format="csv")
    with following(cloud, source) as syncs:
        syncs.serve(in_turn(answering(503), FAULTS["cut short"][0], source.whole()))

        assert syncs.run()["counts"] == counts(created=2)
        assert len(syncs.server.received) == 3


def test_this_machine_is_no_feed_in_a_cloud(cloud: Cloud) -> None:
    with following(cloud, shop(2)) as syncs:
        syncs.variables["ALLOW_LOCAL_TARGETS"] = "false"
        assert syncs.run()["error"]["code"] == "feed_forbidden"
        assert syncs.server.received == []


def begun(syncs: Syncs) -> str:
    """Start a run and give its id."""
    syncs.tick()
    syncs.advance()
    return str(syncs.jobs()[0]["id"])


@pytest.mark.parametrize("mode", ["full", "incremental"])
def test_a_run_goes_on_step_by_step_where_its_time_ends(
    cloud: Cloud, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "BATCH", 4)
    monkeypatch.setattr(leftovers, "_PAGE", 7)
    monkeypatch.setattr(snapshots, "_CHUNK", 1000)
    monkeypatch.setattr(steps.Step, "_is_late", lambda _: True)
    source = shop(24, format="ndjson")
    source.page = 5
    with following(cloud, source, mode) as syncs:
        syncs.run()
        for number in range(4):
            source.delete(f"p{number:03}", seconds=1000 + number)
        for number in range(4, 14):
            source.put(f"p{number:03}", seconds=2000 + number, price=7)

        job = syncs.run()

        assert job["status"] == "completed", job
        assert syncs.products() == source.alive()
        assert (job["counts"]["deleted"], job["counts"]["updated"]) == (4, 10)
        row = store.get(cloud.name("SyncsTable"), {"job_id": job["id"], "part": "job"})
        assert row
        assert row["step"] > (9 if mode == "full" else 3)


def _phase(syncs: Syncs, job_id: str) -> str:
    found = store.get(syncs.cloud.name("SyncsTable"), {"job_id": job_id, "part": "job"})
    assert found is not None
    return str(found["phase"])


def test_what_is_not_in_the_order_of_its_times_fails_the_run(cloud: Cloud) -> None:
    rows = as_lines([product("a", seconds=2), product("b", seconds=1)])
    with following(cloud, shop(0, format="ndjson"), "incremental") as syncs:
        syncs.serve(answering(200, {"Content-Type": "application/x-ndjson"}, rows))
        job = syncs.run()

        assert (job["error"]["code"], syncs.rows()) == ("feed_unordered", {})


def test_a_feed_that_gives_the_same_page_for_ever_fails_the_run(cloud: Cloud) -> None:
    source = shop(2)
    with following(cloud, source, "incremental") as syncs:
        syncs.serve(answering(200, JSON, source.body()))
        job = syncs.run()

        # The second page begins before the first's end, or is the same for ever.
        assert job["error"]["code"] in {"feed_stuck", "feed_unordered"}
        syncs.serve(answering(200, JSON, Source(product("cup")).body()))
        assert syncs.run()["error"]["code"] == "feed_stuck"


def test_a_page_that_ends_with_a_row_from_nowhere_fails_the_run(cloud: Cloud) -> None:
    with following(cloud, shop(0), "incremental") as syncs:
        syncs.serve(answering(200, JSON, b'[{"id": "cup"}]'))
        assert syncs.run()["error"]["code"] == "feed_malformed"


def test_the_next_run_asks_from_a_while_before_the_last_rows_time(cloud: Cloud) -> None:
    source = shop(3)
    with following(cloud, source, "incremental") as syncs:
        syncs.run()
        source.asked.clear()
        # It was committed late: its time is before the last that was read.
        source.put("late", seconds=1)

        job = syncs.run()

        first = source.asked[0]
        assert first["updated_since"] == "2026-01-15T09:25:02.000000Z"
        assert "after" not in first
        assert job["counts"] == counts(created=1, unchanged=3)


def test_a_row_from_the_future_hides_nothing(cloud: Cloud) -> None:
    ahead = (clock.now() - EPOCH).total_seconds() + 86_400
    source = Source(product("cup"), product("tomorrow", seconds=ahead))
    with following(cloud, source, "incremental") as syncs:
        syncs.run()
        source.put("new", seconds=ahead - 86_400 + 60)

        assert syncs.run()["counts"]["created"] == 1
        assert syncs.products() == source.alive()


def test_from_the_start_asks_for_everything(cloud: Cloud) -> None:
    source = shop(2)
    with following(cloud, source, "incremental") as syncs:
        syncs.run()
        source.asked.clear()
        syncs.run(from_start=True)
        assert "updated_since" not in source.asked[0]


def test_a_tombstone_deletes_what_is_the_feeds_and_nothing_newer(cloud: Cloud) -> None:
    source = Source(product("cup", seconds=5), product("pot", seconds=1))
    put(cloud, "ours", **{"If-None-Match": "*"})
    with following(cloud, source, "incremental") as syncs:
        syncs.run()
        for id, seconds in (("cup", 4), ("pot", 6), ("ours", 7), ("nothing", 8)):
            source.delete(id, seconds=seconds)

        assert syncs.run()["counts"] == counts(unchanged=3, deleted=1)
        assert syncs.rows().keys() == {"cup", "ours"}


def test_a_tombstone_in_csv_needs_its_columns_only(cloud: Cloud) -> None:
    source = Source(product("cup"), format="csv")
    with following(cloud, source, "incremental") as syncs:
        syncs.run()
        header = ",".join([*COLUMNS, "deleted"])
        page = f"{header}\ncup,,,,,,{at(9)},true\npot,Pot,,kitchen,1,EUR,{at(10)},\n".encode()
        empty = answering(200, CSV, f"{header}\n".encode())
        syncs.serve(in_turn(answering(200, CSV, page), empty))

        assert syncs.run()["counts"] == counts(created=1, deleted=1)


def tombstone(id: str, *, seconds: float) -> Json:
    """Make a row that says that a product is gone."""
    return {"id": id, "updated_at": at(seconds), "deleted": True}


def saying_rows(rows: list[Json], format: str) -> Behaviour:
    """Serve these rows, tombstones among them, as a feed that is read whole."""
    if format == "json":
        return answering(200, {"Content-Type": "application/json"}, as_array(rows))
    columns = [*COLUMNS, "deleted"]
    lines = [[str(row.get(name, "")) for name in columns] for row in rows]
    texts = [",".join(columns), *(",".join(line).replace("True", "true") for line in lines)]
    return answering(200, CSV, "".join(f"{text}\n" for text in texts).encode())


@pytest.mark.parametrize("format", ["json", "csv"])
@pytest.mark.parametrize("said", [("gone", "there"), ("there", "gone")])
def test_what_a_feed_says_is_gone_is_not_put_back_by_an_older_row_of_it(
    cloud: Cloud, format: str, said: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "_CHUNK", 300)
    monkeypatch.setattr(catalogue, "BATCH", 2)
    monkeypatch.setattr(steps.Step, "_is_late", lambda _: True)
    rows = {"there": product("cup", seconds=9), "gone": tombstone("cup", seconds=10)}
    between = [product(f"p{number}", seconds=number) for number in range(8)]
    feed = [rows[said[0]], *between, rows[said[1]]]
    with following(cloud, Source(format=format)) as syncs:
        syncs.serve(saying_rows(feed, format))

        assert syncs.run()["counts"] == counts(created=8, unchanged=2)
        assert "cup" not in syncs.rows()
        assert syncs.run()["counts"] == counts(unchanged=10)


def test_a_row_that_is_newer_than_its_tombstone_holds(cloud: Cloud) -> None:
    with following(cloud, Source()) as syncs:
        feed = [tombstone("cup", seconds=9), product("cup", seconds=10)]
        syncs.serve(saying_rows(feed, "json"))
        syncs.run()
        feed[0] |= {"updated_at": at(10)}
        syncs.serve(saying_rows(feed, "json"))

        syncs.run()

        assert syncs.rows().keys() == {"cup"}


@pytest.mark.parametrize("format", ["csv", "json", "ndjson"])
def test_an_object_in_s3_is_a_feed_too(cloud: Cloud, format: str) -> None:
    source, bucket = shop(5, format=format), cloud.name("ImportsBucket")
    object = f"{bucket}/feeds/products"
    syncs = Syncs(cloud, FEED_OBJECT=object, FEED_FORMAT=format, FEED_MODE="incremental")

    def upload() -> None:
        aws.s3().put_object(Bucket=bucket, Key="feeds/products", Body=source.body())

    upload()
    assert syncs.run()["counts"] == counts(created=5)
    assert syncs.run()["not_modified"]
    source.delete("p001", seconds=9)
    upload()
    job = syncs.run()
    assert (job["mode"], job["counts"]) == ("full", counts(unchanged=4, deleted=1))
    assert syncs.products() == source.alive()


def test_an_object_that_is_not_there_fails_the_run(cloud: Cloud) -> None:
    object = f"{cloud.name('ImportsBucket')}/feeds/products"
    assert Syncs(cloud, FEED_OBJECT=object).run()["error"]["code"] == "feed_unreadable"


def test_a_step_that_is_past_is_left_alone(cloud: Cloud) -> None:
    source = shop(5)
    with following(cloud, source) as syncs:
        job = syncs.run()
        before = syncs.rows(), cloud.rows("SyncsTable")
        for step in range(6):
            assert syncs.step({"job_id": job["id"], "step": step})
        assert (syncs.rows(), cloud.rows("SyncsTable")) == before


def overtaken(operation: str) -> Callable[[Cloud], None]:
    def test(cloud: Cloud) -> None:
        source = shop(5)
        with following(cloud, source) as syncs:
            job_id, others = begun(syncs), list[int]()

            def overtake(**_: object) -> None:
                if len(others) < 2:
                    others.append(len(others))
                    row = store.get(cloud.name("SyncsTable"), {"job_id": job_id, "part": "job"})
                    assert row
                    syncs.step({"job_id": job_id, "step": row["step"]})

            with hooked(f"before-call.{operation}", overtake):
                syncs.steps()
                syncs.advance()
            job = syncs.finish(job_id)

            assert (job["status"], job["counts"]) == ("completed", counts(created=5))
            assert syncs.products() == source.alive()

    return test


test_of_two_at_one_step_one_writes = overtaken("dynamodb.TransactWriteItems")
test_of_two_at_one_snapshot_one_goes_on = overtaken("s3.PutObject")


def test_a_cancelled_run_writes_nothing_more(cloud: Cloud) -> None:
    source = shop(5)
    with following(cloud, source) as syncs:
        job_id = begun(syncs)
        syncs.steps()
        syncs.advance()
        cancelled: list[Json] = []

        def cancel(**_: object) -> None:
            if not cancelled:
                cancelled.append({})
                cancelled[0] = syncs.call("CancelSyncFunction", "DELETE", job_id)

        with hooked("before-call.dynamodb.TransactWriteItems", cancel):
            job = syncs.finish(job_id)

        assert cancelled[0]["statusCode"] == 200
        assert (job["status"], job["counts"], syncs.rows()) == ("cancelled", counts(), {})
        assert syncs.run()["counts"] == counts(created=5)


def test_what_a_broken_run_wrote_is_not_taken_for_the_feed_that_was_there_before(
    cloud: Cloud,
) -> None:
    source = shop(5)
    with following(cloud, source) as syncs:
        syncs.run()
        before = dict(source.rows)
        source.put("new", seconds=50)
        job_id = begun(syncs)
        while _phase(syncs, job_id) != "survey":
            syncs.steps()
            syncs.advance()
        syncs.call("CancelSyncFunction", "DELETE", job_id)
        # The source takes it back, all of it: its ETag is the one that was known.
        assert "new" in syncs.rows()
        source.rows = before
        syncs.run()
        assert syncs.products() == source.alive()


def test_another_feed_ends_the_run_of_the_first(cloud: Cloud) -> None:
    with following(cloud, shop(3)) as syncs:
        job_id = begun(syncs)
        syncs.variables["FEED_FORMAT"] = "csv"
        job = syncs.finish(job_id)
        assert (job["status"], job["error"]["code"]) == ("failed", "feed_changed")


def test_a_step_that_never_succeeds_ends_the_run(cloud: Cloud) -> None:
    with following(cloud, shop(3)) as syncs:
        syncs.variables["RECEIVES"] = "5"
        job_id = begun(syncs)
        with refusing("s3", "PutObject", "AccessDenied", 403):
            syncs.steps()
        job = syncs.job(job_id)
        assert (job["status"], job["error"]["code"]) == ("failed", "sync_failed")
        assert syncs.run()["status"] == "completed"
