"""A report as a document: what was counted, put in order, beside the week before."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from batch_processing.reports import rows
from batch_processing.reports.days import Day
from interchange.store import Item

type Json = dict[str, Any]

# What the week is compared by.
MEASURES = ("registered", "imported", "payments", "events", "deliveries", "tasks")
_ROWS = ("total", "created", "updated", "unchanged", "failed", "unprocessed")


def make(day: Day, counts: Mapping[str, int], *, run: int, made_at: str) -> Json:
    """Make a day's report."""
    named = _by_kind(counts)
    user, job = named["user"], named["import"]
    return {
        "id": day.date,
        "run": run,
        "made_at": made_at,
        "period": rows.period(day),
        "users": {each: user.get(each, 0) for each in ("registered", "imported", "deleted")},
        "imports": {
            "total": sum(job.values()),
            "by_status": job,
            "rows": {each: named["row"].get(each, 0) for each in _ROWS},
        },
        "payments": _payments(named),
        "events": {
            "total": sum(named["topic"].values()),
            "by_topic": _largest_first(named["topic"]),
            "by_hour": _hours(day, named["hour"]),
        },
        "deliveries": {
            "total": sum(named["delivery"].values()),
            "attempts": counts.get("attempts:", 0),
            "by_status": named["delivery"],
        },
        "tasks": _tasks(named["task"]),
    }


def totals(report: Json) -> Item:
    """Give the numbers that later reports compare themselves with."""
    found = {each: report[each]["total"] for each in ("events", "deliveries", "tasks")}
    users = {each: report["users"][each] for each in ("registered", "imported")}
    return {**users, "payments": report["payments"]["received"], **found}


def week(before: Mapping[str, Item], dates: Sequence[str], today: Json) -> list[Json]:
    """Put a report beside those of the days before it; a day without one has no numbers."""
    found = {each: before.get(each, {}).get("totals") for each in dates}
    found[today["id"]] = totals(today)
    nothing = dict.fromkeys(MEASURES)
    return [{"id": date, **(numbers or nothing)} for date, numbers in found.items()]


def _by_kind(counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Sort what was counted by the word before the colon."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for name in sorted(counts):
        kind, _, rest = name.partition(":")
        found[kind][rest] = counts[name]
    return found


def _largest_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def _payments(named: Mapping[str, Mapping[str, int]]) -> Json:
    paid, amounts = named["currency"], named["amount"]
    return {
        "received": sum(paid.values()),
        "amounts": [
            {"currency": each, "payments": paid[each], "amount": amounts[each]}
            for each in paid
            if each not in {"other", "unknown"}
        ],
        "by_type": _largest_first(named["payment"]),
    }


def _hours(day: Day, counts: Mapping[str, int]) -> list[Json]:
    hours = range(day.hours)
    return [{"at": day.label(each), "events": counts.get(str(each), 0)} for each in hours]


def _tasks(counts: Mapping[str, int]) -> Json:
    by_status: dict[str, int] = defaultdict(int)
    by_type: dict[str, Json] = defaultdict(dict)
    for name, number in counts.items():
        type, _, status = name.partition(":")
        by_status[status] += number
        by_type[type][status] = number
    return {"total": sum(counts.values()), "by_status": dict(by_status), "by_type": dict(by_type)}
