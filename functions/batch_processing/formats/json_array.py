"""Read a JSON array's elements one after the other: as objects, a large one fills the memory."""

import json
from collections.abc import Generator, Iterator

_BLANK = " \t\r\n"
_DECODER = json.JSONDecoder()


def elements(array: str) -> Iterator[str]:
    """Give each element's text, on one line; ValueError where the text is no array."""
    at = _skip(array, 0)
    if array[at : at + 1] != "[":
        raise ValueError("the body is not an array")
    at = _skip(array, at + 1)
    if array[at : at + 1] != "]":
        at = yield from _elements(array, at)
    if array[_skip(array, at + 1) :]:
        raise ValueError("something follows the array")


def _elements(array: str, at: int) -> Generator[str, None, int]:
    while True:
        _, end = _DECODER.raw_decode(array, at)
        # A JSON string has no line end in it, and elsewhere a blank means the same.
        yield array[at:end].replace("\n", " ").replace("\r", " ")
        at = _skip(array, end)
        if array[at : at + 1] != ",":
            break
        at = _skip(array, at + 1)
    if array[at : at + 1] != "]":
        raise ValueError(f"neither a comma nor the array's end at character {at}")
    return at


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in _BLANK:
        at += 1
    return at
