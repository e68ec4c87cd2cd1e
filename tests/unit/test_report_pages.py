"""A report is shown as JSON, CSV and a page that stands alone."""

import csv
import io
import re
import xml.etree.ElementTree as ET
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from batch_processing.reports import charts, days, document, page, sheet
from batch_processing.reports.charts import Bar
from tests.architecture import Json

DAY = days.of(date(2026, 10, 25), "Europe/Berlin")
COUNTS = {
    "user:registered": 14,
    "user:imported": 3,
    "import:completed": 1,
    "row:total": 4,
    "row:created": 3,
    "row:failed": 1,
    "topic:user-events": 17,
    "topic:payment-events": 2,
    "hour:2": 9,
    "hour:24": 10,
    "payment:stripe.payment_intent.succeeded": 1,
    "payment:=HYPERLINK(<b>)": 1,
    "currency:eur": 1,
    "amount:eur": 1999,
    "delivery:delivered": 4,
    "delivery:exhausted": 1,
    "attempts:": 9,
    "task:email_notification:succeeded": 13,
    "task:http_request:dead": 1,
}
VOID = {"meta", "link", "rect", "line"}


def report(counts: dict[str, int], *, before: Json | None = None) -> Json:
    made = document.make(DAY, counts, run=2, made_at="2026-10-26T05:00:02.000Z")
    dates = days.preceding(DAY.date, 7)
    known = {} if before is None else {dates[-1]: {"totals": before}}
    return made | {"week": document.week(known, dates, made)}


class Page(HTMLParser):
    """Reads a page as a browser would, and refuses what is not closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def rows_of(made: Json) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sheet.write(made), newline=""), strict=True))


def test_the_numbers_are_put_in_order() -> None:
    made = report(COUNTS)

    assert made["period"]["hours"] == 25
    assert made["users"] == {"registered": 14, "imported": 3, "deleted": 0}
    assert made["imports"]["rows"]["total"] == 4
    assert made["payments"]["received"] == 1
    assert made["payments"]["amounts"] == [{"currency": "eur", "payments": 1, "amount": 1999}]
    assert made["events"]["total"] == 19
    assert [each["events"] for each in made["events"]["by_hour"]][2::22] == [9, 10]
    assert made["deliveries"] == {
        "total": 5,
        "attempts": 9,
        "by_status": {"delivered": 4, "exhausted": 1},
    }
    assert made["tasks"]["by_type"] == {
        "email_notification": {"succeeded": 13},
        "http_request": {"dead": 1},
    }
    assert document.totals(made) == {
        "registered": 14,
        "imported": 3,
        "payments": 1,
        "events": 19,
        "deliveries": 5,
        "tasks": 14,
    }


def test_what_no_money_was_read_of_is_a_payment_without_an_amount() -> None:
    made = report({"currency:unknown": 2, "amount:unknown": 0, "currency:other": 1})

    assert made["payments"]["received"] == 3
    assert made["payments"]["amounts"] == []


def test_every_number_is_in_the_table_and_no_cell_is_a_formula() -> None:
    rows = rows_of(report(COUNTS))

    assert rows[0] == ["date", "section", "measure", "name", "value"]
    assert ["2026-10-25", "users", "registered", "", "14"] in rows
    assert ["2026-10-25", "payments", "amounts.amount", "eur", "1999"] in rows
    assert ["2026-10-25", "tasks", "by_type", "http_request dead", "1"] in rows
    assert ["2026-10-25", "events", "by_hour", "2026-10-25T02:00+01:00", "0"] in rows
    assert ["2026-10-25", "payments", "by_type", "'=HYPERLINK(<b>)", "1"] in rows
    assert all(each[4].isdigit() for each in rows[1:])


@pytest.mark.parametrize("counts", [COUNTS, {}], ids=["busy", "quiet"])
def test_the_page_is_whole_and_loads_and_runs_nothing(counts: dict[str, int]) -> None:
    text = page.write(report(counts))

    found = Page(text)

    tags = {tag for tag, _ in found.found}
    assert not tags & {"script", "iframe", "object", "embed", "img", "form"}
    loads = [each.get("src") or each.get("href") for _, each in found.found]
    assert {each for each in loads if each} <= {"data:,"}
    assert not re.search(r"url\(|@import|javascript:", text)
    assert not any(name.startswith("on") for _, each in found.found for name in each)
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text


def test_each_chart_says_what_it_is_and_has_its_numbers_below() -> None:
    found = Page(page.write(report(COUNTS)))
    pictures = [each for tag, each in found.found if tag == "svg"]

    assert len(pictures) == 13
    assert all(each["role"] == "img" and each["aria-label"] for each in pictures)
    assert sum(tag == "details" for tag, _ in found.found) == len(pictures)
    assert all(each["scope"] in {"col", "row"} for tag, each in found.found if tag == "th")


def test_what_callers_named_is_text_and_nothing_else() -> None:
    text = page.write(report(COUNTS))

    assert "HYPERLINK(&lt;b&gt;)" in text
    assert "HYPERLINK(<b>)" not in text


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (None, "no report of the day before"),
        (14, "as on the day before"),
        (7, "▲ 100% on 7 the day before"),
        (28, "▼ 50% on 28 the day before"),
        (0, "▲ none on the day before"),
    ],
)
def test_a_number_stands_beside_the_day_befores(before: int | None, said: str) -> None:
    known = None if before is None else dict.fromkeys(document.MEASURES, before)

    assert said in Page(page.write(report(COUNTS, before=known))).text


def bars(*values: int) -> list[Bar]:
    return [Bar(f"name {index}", value, str(value)) for index, value in enumerate(values)]


@pytest.mark.parametrize("values", [[0], [1], [0, 0, 0], [7, 10**15], list(range(60))])
def test_a_chart_shows_every_number_in_proportion(values: list[int]) -> None:
    drawn = ET.fromstring(charts.columns(bars(*values), title="It", size=(600, 200)))

    heights = [float(each.attrib["height"]) for each in drawn.iterfind(".//g[@class]/rect")]

    assert [each.text for each in drawn.iterfind(".//rect/title")] == [str(n) for n in values]
    assert len(heights) == len(values)
    top = max(1, *values)
    assert all(
        abs(height / max(heights or [1]) - value / top) < 0.01
        for height, value in zip(heights, values, strict=True)
        if max(heights)
    )


def test_lying_bars_keep_their_order_with_their_numbers() -> None:
    drawn: Any = ET.fromstring(charts.rows(bars(9, 4, 1), title="It", width=500))
    (series,) = drawn.iterfind(".//g[rect][@class]")

    found = sorted(
        (float(bar.attrib["y"]), float(bar.attrib["width"]), bar.find("title").text)
        for bar in series.iterfind("rect")
    )
    numbers = sorted((float(each.attrib["y"]), each.text) for each in series.iterfind("text"))

    assert [said for _, _, said in found] == ["9", "4", "1"] == [text for _, text in numbers]
    assert found[0][1] > found[1][1] > found[2][1]


def test_a_name_that_looks_like_a_number_is_left_as_it_is() -> None:
    drawn = charts.rows([Bar("v1.23456", 3, "v1.23456: 3")], title="It", width=500)

    assert drawn.count("v1.23456") == 2
    assert max(map(len, re.findall(r' (?:x|y|width|height)="([^"]*)"', drawn))) < 8
