"""Read reports: in three forms, with ETags; and the list of them."""

import pytest

from tests.answers import body_of, refusal
from tests.aws_events import request
from tests.moto_cloud import Cloud
from tests.reports import Reports, yesterday

DATE = yesterday().date


@pytest.fixture
def reports(cloud: Cloud) -> Reports:
    found = Reports(cloud)
    found.start(DATE)
    found.finish()
    return found


@pytest.mark.parametrize(
    ("accept", "form", "media"),
    [
        ("", None, "application/json"),
        ("*/*", None, "application/json"),
        ("image/png", None, "application/json"),
        ("text/csv", None, "text/csv; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", None, "text/html; charset=utf-8"),
        ("text/html;q=0.5, text/csv ; q=0.9", None, "text/csv; charset=utf-8"),
        ("text/csv;q=nonsense,application/json;q=0.2", None, "text/csv; charset=utf-8"),
        ("text/html", "csv", "text/csv; charset=utf-8"),
        ("text/html", "json", "application/json"),
        ("", "html", "text/html; charset=utf-8"),
    ],
)
def test_a_report_comes_in_the_form_asked_for(
    reports: Reports, accept: str, form: str | None, media: str
) -> None:
    answer = reports.get(DATE, form=form, Accept=accept)

    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == media
    assert answer["headers"]["Vary"] == "Accept"
    assert answer["headers"]["Cache-Control"] == "private, no-cache"
    assert answer["body"][:1] in {"{", "d", "<"}


def test_an_unknown_form_is_refused(reports: Reports) -> None:
    assert refusal(reports.get(DATE, form="pdf")) == (400, "bad_format")


@pytest.mark.parametrize("form", ["json", "csv", "html"])
def test_what_the_caller_has_is_not_sent_again(reports: Reports, form: str) -> None:
    etag = reports.get(DATE, form=form)["headers"]["ETag"]

    again = reports.get(DATE, form=form, **{"If-None-Match": etag})
    other = reports.get(DATE, form=form, **{"If-None-Match": '"another"'})

    assert (again["statusCode"], again["body"]) == (304, "")
    assert again["headers"]["ETag"] == etag
    assert other["statusCode"] == 200


def test_each_form_has_an_etag_of_its_own(reports: Reports) -> None:
    tags = {reports.get(DATE, form=form)["headers"]["ETag"] for form in ("json", "csv", "html")}

    assert len(tags) == 3


def test_a_day_without_a_report_is_not_found(cloud: Cloud) -> None:
    reports = Reports(cloud)

    assert refusal(reports.get(DATE)) == (404, "report_not_found")
    assert refusal(reports.get("latest")) == (404, "report_not_found")


def test_a_report_that_is_being_made_says_so(cloud: Cloud) -> None:
    reports = Reports(cloud)
    reports.start(DATE)

    answer = reports.get(DATE, Accept="text/html")

    assert answer["statusCode"] == 202
    assert answer["headers"]["Retry-After"] == "2"
    assert body_of(answer)["status"] == "running"


def test_the_latest_is_the_latest_day_that_has_a_report(reports: Reports) -> None:
    reports.start(yesterday(back=2).date)
    reports.finish()

    answer = reports.get("latest")

    assert body_of(answer)["id"] == DATE
    assert answer["headers"]["Content-Location"] == f"{DATE}?format=json"


def test_the_list_has_the_latest_day_first_and_opens_pages(reports: Reports) -> None:
    for back in (3, 2):
        reports.start(yesterday(back=back).date)
    event = request("GET", "/api/reports/daily")

    listed = body_of(reports.cloud.invoke("ListReportsFunction", event))["items"]

    assert [each["id"] for each in listed] == [yesterday(back=back).date for back in (1, 2, 3)]
    assert [each["status"] for each in listed] == ["completed", "running", "running"]
    assert ["page_url" in each for each in listed] == [True, False, False]
    assert f"reports/daily/{DATE}.html" in listed[0]["page_url"]


def test_the_list_comes_in_pages(reports: Reports) -> None:
    reports.start(yesterday(back=2).date)
    event = request("GET", "/api/reports/daily")
    seen = []
    query = {"page_size": ["1"]}
    while True:
        event["multiValueQueryStringParameters"] = query
        page = body_of(reports.cloud.invoke("ListReportsFunction", event))
        seen += [each["id"] for each in page["items"]]
        if "next_page_token" not in page:
            break
        query = {"page_size": ["1"], "page_token": [page["next_page_token"]]}

    assert seen == [DATE, yesterday(back=2).date]
