"""Ask for a day's report: made once more, in the place of the one that is there."""

from datetime import timedelta

from interchange import clock
from tests.answers import body_of, refusal
from tests.faults import ProcessDied, death_after_call
from tests.moto_cloud import Cloud
from tests.reports import Reports, yesterday


def test_a_day_without_a_report_gets_one(cloud: Cloud) -> None:
    reports, date = Reports(cloud), yesterday(back=3).date

    answer = reports.start(date)

    job = body_of(answer)
    assert answer["statusCode"] == 202
    assert answer["headers"]["Location"] == date
    assert (job["id"], job["status"], job["run"], job["totals"]) == (date, "running", 1, None)
    assert job["period"]["time_zone"] == "UTC"
    reports.finish()
    assert reports.report(date)["tasks"]["total"] == 0


def test_a_report_is_made_anew_in_the_same_place(cloud: Cloud) -> None:
    reports, day = Reports(cloud), yesterday()
    reports.start(day.date)
    reports.finish()
    places = reports.files().keys()
    reports.put_task(day.start, type="users_report", status="succeeded")

    answer = reports.start(day.date)
    meanwhile = reports.report(day.date)
    reports.finish()

    assert body_of(answer)["totals"]["tasks"] == 0
    assert (meanwhile["run"], meanwhile["tasks"]["total"]) == (1, 0)
    found = reports.report(day.date)
    assert (found["run"], found["tasks"]["total"]) == (2, 1)
    assert reports.files().keys() == places


def test_a_day_that_is_being_counted_is_not_begun_again(cloud: Cloud) -> None:
    reports, date = Reports(cloud), yesterday().date
    reports.start(date)

    answer = reports.start(date)

    assert refusal(answer) == (409, "report_running")
    assert answer["headers"]["Retry-After"] == "2"
    assert len(reports.due()) == 1


def test_a_day_that_is_not_over_or_not_kept_or_none_is_refused(cloud: Cloud) -> None:
    reports, today = Reports(cloud), clock.now().date()

    assert refusal(reports.start(str(today + timedelta(days=1)))) == (409, "day_not_over")
    assert refusal(reports.start(str(today - timedelta(days=31)))) == (409, "day_not_kept")
    assert refusal(reports.start("soon")) == (404, "report_not_found")
    assert reports.rows() == {}


def test_the_same_request_again_has_one_run(cloud: Cloud) -> None:
    """Its first try makes the row and dies; the report is there before its second try."""
    reports, date = Reports(cloud), yesterday().date
    for number in range(1, 4):
        reports.seen.clear()
        cloud.clear()
        try:
            with death_after_call(number):
                reports.start(date, key="once")
        except ProcessDied:
            pass
        reports.finish()

        answer = reports.start(date, key="once")
        if answer["statusCode"] == 409:  # the first try's lease has not ended
            assert refusal(answer) == (409, "idempotency_key_in_use")
            continue
        assert body_of(answer)["run"] == 1
        reports.finish()
        assert reports.rows()[date]["run"] == 1
