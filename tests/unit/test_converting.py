"""Making UTF-8 of files that are compressed or in another encoding."""

import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_processing.formats import converting
from batch_processing.formats.planning import Unplannable


def pieces(data: bytes, size: int = 7) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def unpacked(packed: bytes, size: int = 7) -> bytes:
    return b"".join(converting.gunzipped(pieces(packed, size)))


def recoded(found: Iterator[bytes], encoding: str) -> bytes:
    return b"".join(each.data for each in converting.recoded(found, encoding))


def fault(packed: bytes, size: int = 65_536) -> str:
    with pytest.raises(Unplannable) as refused:
        for _ in converting.gunzipped(pieces(packed, size)):
            pass
    assert refused.value.detail.endswith(".")
    return refused.value.code


@given(st.lists(st.binary(max_size=99), min_size=1, max_size=4), st.integers(1, 50))
def test_members_one_after_the_other_are_one_file(members: list[bytes], size: int) -> None:
    assert unpacked(b"".join(map(gzip.compress, members)), size) == b"".join(members)


def test_a_large_file_comes_in_small_pieces() -> None:
    packed = gzip.compress(bytes(range(256)) * 10_000)

    assert max(map(len, converting.gunzipped(pieces(packed, 65_536)))) <= 262_144


def test_damage_is_refused() -> None:
    packed = gzip.compress(b"email,name\n" * 99)

    assert fault(packed[:-1]) == "gzip_truncated"
    assert fault(packed + b"xx") == "gzip_malformed"
    assert fault(packed[:20] + b"\xff\xff\xff" + packed[23:]) == "gzip_malformed"
    assert fault(b"") == "gzip_truncated"


def test_a_bomb_is_refused_long_before_it_is_unpacked() -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()

    found: list[int] = []
    with pytest.raises(Unplannable) as refused:
        found.extend(map(len, converting.gunzipped(pieces(bomb, 65_536))))

    assert refused.value.code == "gzip_bomb"
    assert sum(found) < 20_000_000


def test_the_beginning_is_read_without_the_rest() -> None:
    packed = gzip.compress(b"email,name\n" * 99)

    assert converting.is_gzip(packed)
    assert converting.beginning(packed[:60], 10) == b"email,name"


@given(st.text(), st.sampled_from(["utf-16-le", "utf-16-be"]), st.integers(1, 9))
def test_text_in_another_encoding_becomes_utf_8_without_its_mark(
    text: str, encoding: str, size: int
) -> None:
    data = f"\ufeff{text}".encode(encoding)

    assert recoded(pieces(data, size), encoding).decode() == text


@pytest.mark.parametrize(
    ("encoding", "data"), [("iso-8859-1", b"Zo\xeb"), ("windows-1252", b"\x80")]
)
def test_single_byte_encodings_are_read(encoding: str, data: bytes) -> None:
    found = recoded(iter([data]), encoding)

    assert found.decode() == data.decode(encoding)


@pytest.mark.parametrize(
    ("data", "encoding", "place"),
    [
        (b"a\x81b", "windows-1252", 1),
        (b"a\0" * 9 + b"\x00\xd8" + b"a\0", "utf-16-le", 18),
        (b"a\0b", "utf-16-le", 2),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_the_first_byte_that_cannot_be_read_is_named(
    data: bytes, encoding: str, place: int, size: int
) -> None:
    with pytest.raises(Unplannable) as refused:
        recoded(pieces(data, size), encoding)

    assert refused.value.code == "undecodable"
    assert refused.value.detail == f"Byte {place} is not {encoding}."


@given(st.text(), st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]), st.integers(1, 9))
def test_reading_can_go_on_behind_any_piece(text: str, encoding: str, size: int) -> None:
    data = f"\ufeff{text}".encode(encoding)
    found = list(converting.recoded(pieces(data, size), encoding))

    for index, (_, behind) in enumerate(found):
        rest = pieces(data[behind:], size)
        going_on = converting.recoded(rest, encoding, offset=behind)
        whole = b"".join(each.data for each in found)
        before = b"".join(each.data for each in found[: index + 1])
        if behind:
            assert before + b"".join(each.data for each in going_on) == whole


@given(st.binary(max_size=40), st.integers(1, 9), st.integers(0, 45))
def test_what_was_read_before_is_left_out(data: bytes, size: int, count: int) -> None:
    assert b"".join(converting.after(pieces(data, size), count)) == data[count:]
