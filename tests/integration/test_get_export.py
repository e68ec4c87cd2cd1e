"""Following an export."""

from datetime import timedelta

import pytest

from interchange import clock
from tests.answers import body_of, refusal
from tests.exports import NO_TIME, Exports, put_users
from tests.moto_cloud import Cloud


def test_progress_counts_what_was_read(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    put_users(cloud, "Ada", "Bob", "Cy", "Di")
    exports = Exports(cloud, segments=1, page_rows=1)
    job_id = body_of(exports.start(filter={"email_domain": "b.co"}))["id"]
    exports.advance()
    exports.steps(context=NO_TIME)
    started = clock.parse(exports.row(job_id)["created_at"])
    monkeypatch.setattr(clock, "now", lambda: started + timedelta(seconds=2))

    job = exports.job(job_id)

    assert (job["status"], job["counts"]["total"]) == ("running", 1)
    assert job["progress"] == {
        "segments": 1,
        "segments_done": 0,
        "rows_done": 1,
        "rows_per_second": 0.5,
        "seconds_left": 6.0,
    }


def test_an_ended_export_has_no_time_left(cloud: Cloud) -> None:
    put_users(cloud, "Ada")
    job = Exports(cloud).run(filter={"origin": "imported"})

    assert (job["progress"]["segments_done"], job["progress"]["rows_done"]) == (2, 1)
    assert job["progress"]["seconds_left"] is None
    assert job["counts"] == {"total": 1, "exported": 0, "filtered": 1}


def test_what_is_no_export_or_none_any_more_is_not_found(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = Exports(cloud)
    job_id = exports.run()["id"]
    in_a_week = clock.now() + timedelta(days=7)
    monkeypatch.setattr(clock, "now", lambda: in_a_week)

    for each in (job_id, "job_none"):
        answer = exports.call("GetExportFunction", "GET", each)
        assert refusal(answer) == (404, "export_not_found")
