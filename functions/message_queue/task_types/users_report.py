"""Count the users, by where they came from and by month, over a table of any size.

DynamoDB's own count of items is hours old and knows no groups. At least once: it writes nothing,
so a page that is read twice does no harm; what was counted is noted with the place to go on from.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from interchange import config, store
from interchange.validation import Body
from message_queue.task_types.work import Work


@dataclass(frozen=True)
class Settings:
    """What the template gives the worker for this type."""

    users_table: str


settings = config.reader(Settings)


class UsersReport(Body):
    """A count of all users; `page_size` is how many are counted between two checkpoints."""

    page_size: Annotated[int, Field(ge=1, le=1000)] = 1000


def run(report: UsersReport, work: Work) -> dict[str, Any]:
    """Count page by page, from the last checkpoint on."""
    counted = Counter(work.state.get("counted", {}))
    after = work.state.get("after")
    while True:
        page = store.scan_page(settings().users_table, size=report.page_size, after=after)
        for user in page.items:
            counted.update(_groups(user))
        after = page.last_key
        if after is None:
            return _report(counted)
        work.checkpoint({"counted": counted, "after": after}, users=counted["total"])


def _groups(user: store.Item) -> list[str]:
    return ["total", f"origin {user['origin']}", f"month {user['created_at'][:7]}"]


def _report(counted: Counter[str]) -> dict[str, Any]:
    return {
        "total": counted["total"],
        "by_origin": _named(counted, "origin "),
        "by_month": _named(counted, "month "),
    }


def _named(counted: Counter[str], prefix: str) -> dict[str, int]:
    found = sorted(each for each in counted if each.startswith(prefix))
    return {each.removeprefix(prefix): counted[each] for each in found}
