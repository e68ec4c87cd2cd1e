"""Say what was counted: a line for each cell while it runs, and one table in Markdown."""

from collections.abc import Iterable, Sequence

from faults.account import Account

COLUMNS = ("met", "accepted", "done", "explained", "duplicated", "lost")


def line(account: Account) -> str:
    """Write a cell's account, and what must not be."""
    numbers = "  ".join(f"{name} {getattr(account, name)}" for name in COLUMNS)
    wrong = "; ".join(account.failures())
    said = f"{account.pattern:<12} {account.fault:<10} {numbers}"
    return f"{said}  FAILED: {wrong}" if wrong else said


def lines(accounts: Iterable[Account]) -> list[str]:
    """Write the table: a row for each pattern, a column for each fault, in the order they came."""
    found = {(each.pattern, each.fault): cell(each) for each in accounts}
    patterns, faults = (list(dict.fromkeys(each)) for each in zip(*found, strict=True))
    rows = [_row(each, [found.get((each, fault), "") for fault in faults]) for each in patterns]
    return [_row("", faults), "|---|" + "--:|" * len(faults), *rows]


def _row(name: str, cells: Sequence[str]) -> str:
    return f"| {' | '.join([name, *cells])} |"


def cell(account: Account) -> str:
    """Write `accepted = done + explained`, then what was done twice, and what was lost."""
    said = f"{account.accepted} = {account.done} + {account.explained}"
    said += f", {account.duplicated} twice" if account.duplicated else ""
    return said + (f", **{account.lost} lost**" if account.lost else "")
