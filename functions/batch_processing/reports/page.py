"""A report as one page to look at: everything is in it, and nothing in it runs."""

from collections.abc import Iterable, Sequence
from datetime import date
from html import escape
from typing import Any

from batch_processing.reports import charts, tables
from batch_processing.reports.charts import Bar
from batch_processing.reports.style import STYLE

type Json = dict[str, Any]

_TITLES = {
    "registered": "Registrations",
    "imported": "Users imported",
    "payments": "Payments received",
    "events": "Events",
    "deliveries": "Webhook deliveries",
    "tasks": "Tasks",
}
_COLOURS = {
    **dict.fromkeys(("succeeded", "completed", "delivered", "created"), "var(--green)"),
    **dict.fromkeys(("dead", "failed", "exhausted"), "var(--red)"),
    **dict.fromkeys(("retry_wait", "skipped", "expired", "completed_with_errors"), "var(--amber)"),
    **dict.fromkeys(("cancelled", "unprocessed", "unchanged"), "var(--axis)"),
}
_MOST_BARS = 12
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<header>
<p class="eyebrow">Daily report</p>
<h1>{day}</h1>
<p>{period}</p>
</header>
<ul class="numbers">
{numbers}
</ul>
<div class="grid">
{sections}
</div>
<footer>{about}</footer>
</main>
</body>
</html>
"""


def write(report: Json) -> str:
    """Write the page."""
    day, period = _day(report["id"]), report["period"]
    return _PAGE.format(
        title=f"Interchange, {report['id']}",
        policy=_POLICY,
        style=STYLE,
        day=day,
        period=escape(f"Midnight to midnight in {period['time_zone']}, {period['hours']} hours"),
        numbers="\n".join(_number(each, report["week"]) for each in _TITLES),
        sections="\n".join(_sections(report)),
        about=escape(
            f"Made at {report['made_at']}, run {report['run']}. What came to be on this day is"
            " counted as it stood then, tasks as they ended."
        ),
    )


def _sections(report: Json) -> Iterable[str]:
    tasks, rows = report["tasks"], report["imports"]["rows"]
    yield _hours(report["events"]["by_hour"])
    yield _bars("Events by topic", "Topic", report["events"]["by_topic"])
    yield _bars("Webhook deliveries", "State", report["deliveries"]["by_status"])
    yield _bars("Tasks that ended", "Type and outcome", _by_type_and_state(tasks["by_type"]))
    yield _bars("Payments by type", "Type", report["payments"]["by_type"])
    yield _bars("Imports", "State", report["imports"]["by_status"])
    outcomes = {name: number for name, number in rows.items() if name != "total" and number}
    yield _bars("Imported rows", "Outcome", outcomes)
    yield _amounts(report["payments"]["amounts"])


def _by_type_and_state(by_type: Json) -> Json:
    """Join the names, the largest number first."""
    found = [(f"{type} {status}", n) for type, of in by_type.items() for status, n in of.items()]
    return dict(sorted(found, key=lambda each: -each[1]))


def _number(measure: str, week: Sequence[Json]) -> str:
    """Show a number beside the day before, with the week in small columns."""
    bars = [
        Bar(
            f"{date.fromisoformat(each['id']):%a}",
            each[measure] or 0,
            f"{each['id']}: {tables.said(each[measure])}",
            "var(--blue)" if each is week[-1] else "var(--pale)",
        )
        for each in week
    ]
    title = f"{_TITLES[measure]} of the last {len(week)} days"
    drawn = charts.columns(bars, title=title, size=(300, 92), steps=2)
    table = tables.folded(("Day", _TITLES[measure]), ((each["id"], each[measure]) for each in week))
    return (
        f"<li><h2>{_TITLES[measure]}</h2><b>{week[-1][measure]:,}</b>"
        f'<span class="change">{_change(week[-1][measure], week[-2][measure])}</span>'
        f"{drawn}{table}</li>"
    )


def _change(now: int, before: int | None) -> str:
    if before is None:
        return "no report of the day before"
    if now == before:
        return "as on the day before"
    arrow = "▲" if now > before else "▼"
    if before == 0:
        return f"{arrow} none on the day before"
    return f"{arrow} {abs(now - before) / before:.0%} on {before:,} the day before"


def _hours(hours: Sequence[Json]) -> str:
    bars = [
        Bar(_clock(each), each["events"], f"{_clock(each)}: {each['events']:,}") for each in hours
    ]
    drawn = charts.columns(bars, title="Events by the hour", size=(1030, 230), every=3)
    table = tables.folded(("From", "Events"), ((each["at"], each["events"]) for each in hours))
    said = _said_of([each["events"] for each in hours], [_clock(each) for each in hours])
    return _section("Events by the hour", said, drawn + table, css="wide")


def _said_of(numbers: Sequence[int], names: Sequence[str]) -> str:
    top = max(numbers, default=0)
    return f"Most from {names[numbers.index(top)]} on: {top:,}" if top else "A quiet day"


def _bars(title: str, what: str, counts: Json) -> str:
    """Show what is counted by name; of many names the first, and the rest together."""
    total = sum(counts.values())
    if not counts:
        return _section(title, "None", '<p class="none">Nothing to show</p>')
    shown = list(counts.items())[:_MOST_BARS]
    rest = total - sum(number for _, number in shown)
    shown += [("all others", rest)] if rest else []
    bars = [Bar(_words(n), each, f"{_words(n)}: {each:,}", _colour(n)) for n, each in shown]
    drawn = charts.rows(bars, title=title, width=505)
    return _section(
        title, f"{total:,} in all", drawn + tables.folded((what, "Number"), counts.items())
    )


def _colour(name: str) -> str:
    return _COLOURS.get(name.rpartition(" ")[2], "var(--blue)")


def _words(name: str) -> str:
    """Write a state as people do; a type or a topic, which has its dots, stays."""
    return name if "." in name or "-" in name else name.replace("_", " ")


def _amounts(amounts: Sequence[Json]) -> str:
    if not amounts:
        return ""
    rows = [(each["currency"].upper(), each["payments"], each["amount"]) for each in amounts]
    heads = ("Currency", "Payments", "In minor units")
    return _section(
        "Amounts paid", "As the provider reported them", tables.whole(heads, rows), css="wide"
    )


def _section(title: str, said: str, inner: str, *, css: str = "") -> str:
    return f'<section class="{css}"><h2>{escape(title)}</h2><p>{escape(said)}</p>{inner}</section>'


def _clock(hour: Json) -> str:
    return str(hour["at"][11:16])


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day:%A}, {day.day} {day:%B %Y}"
