"""Ids with a prefix that says of what: new ones sort by time, derived ones make retries meet."""

import hashlib
import os
import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new(prefix: str) -> str:
    """Make an id from a UUIDv7 (RFC 9562 s.5.7): 48 bits of milliseconds, then random bits."""
    millis = time.time_ns() // 1_000_000
    noise = int.from_bytes(os.urandom(10))
    value = millis << 80 | noise
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return f"{prefix}_{value:032x}"


def first(prefix: str, moment: datetime) -> str:
    """Give the id that sorts before each that `new` makes from a moment on."""
    millis = (moment - _EPOCH) // timedelta(milliseconds=1)
    return f"{prefix}_{millis << 80:032x}"


def after(id: str, offset: int) -> str:
    """Give the id that sorts `offset` places after another: of one try as of the next."""
    prefix, _, digits = id.partition("_")
    return f"{prefix}_{int(digits, 16) + offset:032x}"


def derived(prefix: str, *parts: str) -> str:
    """Make the same id from the same parts, so that doing a thing twice meets its first result."""
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"{prefix}_{digest[:32]}"
