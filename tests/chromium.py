"""Chromium without a screen: what a page looks like, and what it says on its console."""

import os
import re
import shutil
import struct
import subprocess
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = "--no-first-run --disable-background-networking --disable-component-update --disable-sync"
_ALONE = (
    "--headless --disable-gpu --no-proxy-server --hide-scrollbars --force-device-scale-factor=1"
)
_SAID = re.compile(r"CONSOLE[:(]\d+\)?\] (.*)")
_SECONDS = 180  # on a slow machine; a second or two is usual
_SIZE = (1000, 1800)
_DEPTH, _RGB, _BYTES = 8, 2, 3  # as Chromium writes a picture: three bytes a pixel


class Sight(NamedTuple):
    """A page as it is seen: of each colour how many pixels, and the console's lines."""

    colours: Counter[str]
    console: list[str]


def look(url: str, folder: Path, *, size: tuple[int, int] = _SIZE) -> Sight:
    """Open a page in a window of some size; skipped where no Chromium is installed."""
    picture = folder / "page.png"
    run = subprocess.run(
        [
            *(_browser(), *_QUIET.split(), *_ALONE.split()),
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # which root cannot have
            *(f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr"),
            *("--window-size={},{}".format(*size), f"--screenshot={picture}", url),
        ],
        check=True,
        timeout=_SECONDS,
        capture_output=True,
        text=True,
    )
    return Sight(_colours(picture.read_bytes(), size), _SAID.findall(run.stderr))


def _browser() -> str:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium is installed: none of {', '.join(_NAMES)} is on the PATH")
    return found


def _colours(png: bytes, size: tuple[int, int]) -> Counter[str]:
    """Count the pixels of each colour (https://www.w3.org/TR/png-3/)."""
    assert struct.unpack(">IIBB", png[16:26]) == (*size, _DEPTH, _RGB)
    pixels: Counter[tuple[int, int, int]] = Counter()
    for row in _rows(zlib.decompress(b"".join(_data(png))), size):
        pixels.update(zip(row[0::3], row[1::3], row[2::3], strict=True))
    return Counter({"#{:02x}{:02x}{:02x}".format(*each): n for each, n in pixels.items()})


def _data(png: bytes) -> Iterator[bytes]:
    at = 8  # behind the signature
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IDAT":
            yield png[at + 8 : at + 8 + length]
        at += length + 12


def _rows(data: bytes, size: tuple[int, int]) -> Iterator[bytearray]:
    """Give each line's bytes, which are written as differences from their neighbours'."""
    width, height = size[0] * _BYTES, size[1]
    above = bytearray(width)
    for start in range(0, height * (width + 1), width + 1):
        row = bytearray(data[start + 1 : start + 1 + width])
        if guess := _GUESSES[data[start]]:
            for at in range(width):
                left, corner = (row[at - 3], above[at - 3]) if at >= _BYTES else (0, 0)
                row[at] = (row[at] + guess(left, above[at], corner)) & 0xFF
        yield row
        above = row


def _nearest(left: int, above: int, corner: int) -> int:
    """Guess as Paeth does: the neighbour that is nearest to their slope."""
    slope = left + above - corner
    return min((left, above, corner), key=lambda each: abs(slope - each))


_GUESSES: tuple[Callable[[int, int, int], int] | None, ...] = (
    None,
    lambda left, _above, _corner: left,
    lambda _left, above, _corner: above,
    lambda left, above, _corner: (left + above) // 2,
    _nearest,
)
