"""GitHub's own example payloads, out of octokit's package for npm; nothing of it is in the tree."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests import npm

_NEXT = re.compile(r"[^\s,:]")
_DECODER = json.JSONDecoder()


def payloads(folder: Path) -> dict[str, list[bytes]]:
    """Fetch the examples into a folder, and give them by event."""
    index = npm.fetched("@octokit/webhooks-examples@7.6.1", folder) / "api.github.com/index.json"
    return cut(index.read_text(encoding="utf-8"))


def cut(index: str) -> dict[str, list[bytes]]:
    """Give each event's examples, byte for byte as they stand in the index."""
    events = [_members(index, start) for start, _ in _values(index, 0)]
    return {
        json.loads(index[slice(*each["name"])]): [
            index[start:end].encode() for start, end in _values(index, each["examples"][0])
        ]
        for each in events
    }


def _members(text: str, start: int) -> dict[str, tuple[int, int]]:
    """Say where the values of an object's members are."""
    places = list(_values(text, start))
    names = [json.loads(text[slice(*each)]) for each in places[::2]]
    return dict(zip(names, places[1::2], strict=True))


def _values(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Say where the values in an array are, or the names and values in an object."""
    at = start + 1
    while (found := _NEXT.search(text, at)) and found[0] not in "]}":
        _, at = _DECODER.raw_decode(text, found.start())
        yield found.start(), at
