"""How fast a job goes, and how long the rest takes at that rate."""


def rows_per_second(rows: int, seconds: float) -> float | None:
    """Give the rate so far; None before any time has gone by."""
    return round(rows / seconds, 1) if seconds > 0 else None


def seconds_left(seconds: float, *, done: int, left: int) -> float | None:
    """Give the time that the rest takes; None before anything is done."""
    return round(seconds * left / done, 1) if done > 0 else None
