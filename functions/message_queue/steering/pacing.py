"""Turns: at most so many a second, by one counter that says when the next turn is.

The counter is a row: a turn is taken by one conditional update, and what dies with its turn loses
it and nothing else.
https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from datetime import UTC, datetime, timedelta

from interchange import ids, store

_BURST = timedelta(seconds=1)  # what is asked for together need not be spread over a second
_DAY = 86_400 * 1_000_000  # microseconds; so long after its turns' end a counter is deleted
_SET = "SET #kind = :kind, #expires_epoch = :expires_epoch, #next_turn = "
_TAKEN = "#next_turn BETWEEN :now AND :horizon"
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
    horizon = micros + _DAY  # the turns taken before end here at the latest, or it is moved
    while True:
        try:
            values = _kept(horizon + span) | {"span": span, "now": micros, "horizon": horizon}
            change = _SET + "#next_turn + :span"
            row = store.update(table, {"id": id}, change, when=_TAKEN, values=values)
            return int(row["next_turn"]) - span
        except store.ConditionFailed as met:
            end = int(met.item.get("next_turn", 0))
        if end > horizon:
            horizon = end + _DAY
            continue
        try:
            values = _kept(micros + span) | {"end": micros + span, "now": micros}
            store.update(table, {"id": id}, _SET + ":end", when=_FREE, values=values)
        except store.ConditionFailed:  # another was faster: the turns begin after its
            continue
        return micros


def _kept(end: int) -> store.Item:
    """Say until when the row is kept whose turns end then at the latest."""
    return {"kind": "pace", "expires_epoch": (end + _DAY) // 1_000_000}


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / 1_000_000, UTC)
