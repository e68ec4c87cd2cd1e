"""Turns: at most so many a second, by one counter that says when the next turn is.

The counter is a row: a turn is taken by one conditional update, and what dies with its turn loses
it and nothing else.
https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from datetime import UTC, datetime, timedelta

from interchange import ids, store

_BURST = timedelta(seconds=1)  # what is asked for together need not be spread over a second
_KEPT = timedelta(days=1)  # after which a counter that nobody asks is deleted
_FREE = "attribute_not_exists(#next_turn) OR #next_turn < :now"


def take_turns(
    table: str, name: str, count: int, *, per_second: float, now: datetime
) -> list[datetime]:
    """Take the next `count` turns of a counter and say when they are, the first perhaps now."""
    step = round(1_000_000 / per_second)
    first = _advance(table, ids.derived("pace", name), step * count, now)
    return [max(now, _moment(first + index * step) - _BURST) for index in range(count)]


def _advance(table: str, id: str, span: int, now: datetime) -> int:
    """Move the counter on from now, or from where the turns taken before end."""
    micros = round(now.timestamp() * 1_000_000)
    expires = int((now + _KEPT).timestamp())
    kind = {"kind": "pace", "expires_epoch": expires}
    head = "SET #kind = :kind, #expires_epoch = :expires_epoch, #next_turn = "
    while True:
        try:
            change = head + "#next_turn + :span"
            values = kind | {"span": span, "now": micros}
            row = store.update(table, {"id": id}, change, when="#next_turn >= :now", values=values)
            return int(row["next_turn"]) - span
        except store.ConditionFailed:
            pass
        try:
            values = kind | {"end": micros + span, "now": micros}
            store.update(table, {"id": id}, head + ":end", when=_FREE, values=values)
        except store.ConditionFailed:  # another was faster: the turns begin after its
            continue
        return micros


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / 1_000_000, UTC)
