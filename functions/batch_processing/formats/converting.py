"""Make UTF-8 of a file that is compressed or in another encoding, as a stream, within bounds."""

import codecs
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from batch_processing.formats.planning import Read, Unplannable

LARGEST = 1_073_741_824  # unpacked: each step does anew what those before it did, in seconds
_BLOCK = 262_144
_GZIP = b"\x1f\x8b"
_WBITS = 31  # gzip's frame, nothing else
# A table compresses to a twentieth, one that repeats itself to a hundredth; a bomb to a thousandth.
_RATIO, _FROM = 250, 16_777_216
_MARK = "\ufeff"


class Piece(NamedTuple):
    """Some plain UTF-8, and behind which byte of what was read it ends."""

    data: bytes
    behind: int


def is_gzip(first: bytes) -> bool:
    """Tell gzip by its magic number: no CSV and no JSON begins with it."""
    return first.startswith(_GZIP)


def beginning(first: bytes, count: int) -> bytes:
    """Give the first bytes of what a gzip file's first bytes hold; Unplannable for other bytes."""
    try:
        return zlib.decompressobj(_WBITS).decompress(first, count)
    except zlib.error as error:
        raise _malformed() from error


def blocks(read: Read) -> Iterator[bytes]:
    """Give a file block by block."""
    while block := read(_BLOCK):
        yield block


def gunzipped(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack gzip, its members one after the other; Unplannable for damage and for bombs."""
    unpacker, taken, given = zlib.decompressobj(_WBITS), 0, 0
    for block in packed:
        taken, rest = taken + len(block), block
        while rest:
            if unpacker.eof:
                unpacker = zlib.decompressobj(_WBITS)
            try:
                found = unpacker.decompress(rest, _BLOCK)
            except zlib.error as error:
                raise _malformed() from error
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            given += len(found)
            _refuse_bomb(taken, given)
            yield found
    if not unpacker.eof:
        raise Unplannable("gzip_truncated", "The gzip file ends before its end.")


def _refuse_bomb(taken: int, given: int) -> None:
    if given > LARGEST:
        detail = f"What is compressed has over {LARGEST} bytes."
        raise Unplannable("gzip_too_large", detail)
    if given > max(_FROM, taken * _RATIO):
        detail = f"What is compressed is over {_RATIO} times as large as the file."
        raise Unplannable("gzip_bomb", detail)


def _malformed() -> Unplannable:
    return Unplannable("gzip_malformed", "The file is not gzip throughout.")


def after(found: Iterator[bytes], count: int) -> Iterator[bytes]:
    """Leave out the first so many bytes."""
    for block in found:
        if count < len(block):
            yield block[count:]
        count = max(0, count - len(block))


def recoded(found: Iterator[bytes], encoding: str, *, offset: int = 0) -> Iterator[Piece]:
    """Read text in an encoding, write it in UTF-8; Unplannable names the first byte that is none.

    Nothing is put in the place of what cannot be read: a name with a question mark in it is wrong.
    What is found may begin at an offset behind which a piece has ended.
    """
    decoder, first = codecs.getincrementaldecoder(encoding)("strict"), offset == 0
    for block in found:
        text = _decoded(decoder, block, encoding, offset)
        offset += len(block)
        held = len(decoder.getstate()[0])
        yield Piece((text.removeprefix(_MARK) if first else text).encode(), offset - held)
        first = first and not text
    yield Piece(_decoded(decoder, b"", encoding, offset, final=True).encode(), offset)


def byte_order(encoding: str, first: bytes) -> str:
    """Name an encoding so that it can be read from anywhere: UTF-16 with the order of its bytes."""
    if encoding != "utf-16":
        return encoding
    return "utf-16-be" if first.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"


def _decoded(
    decoder: codecs.IncrementalDecoder,
    block: bytes,
    encoding: str,
    offset: int,
    *,
    final: bool = False,
) -> str:
    held = len(decoder.getstate()[0])
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError as error:
        place = offset - held + error.start
        raise Unplannable("undecodable", f"Byte {place} is not {encoding}.") from None
