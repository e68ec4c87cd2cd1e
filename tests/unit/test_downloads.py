"""Downloads: any size, whole or not at all, from where it is allowed."""

import pytest

from interchange import downloads
from interchange.outbound import Failed, Forbidden
from tests.receiver import CUT_SHORT, HANGING_MID_BODY, RUBBISH, Behaviour, Receiver, huge, saying


def fetched(behaviour: Behaviour, *, timeout: float = 10) -> tuple[int, int]:
    """Fetch what a server does; give the status, and how many bytes came."""
    with Receiver() as server:
        server.behaviours["/feed"] = behaviour
        url = server.url("/feed")
        with downloads.get(url, {"X-A": "1"}, allow_local=True, timeout=timeout) as found:
            size = sum(map(len, found.blocks))
        (request,) = server.received
        assert (request.headers["x-a"], request.headers["accept-encoding"]) == ("1", "identity")
        return found.status, size


def test_any_size_comes_block_by_block() -> None:
    assert fetched(huge(30)) == (200, 30_000_000)


def test_chunks_are_put_together() -> None:
    body = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    assert fetched(saying(body)) == (200, 5)


def test_nothing_is_something_too() -> None:
    assert fetched(saying(b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n")) == (304, 0)


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (CUT_SHORT, "cut_short"),
        (RUBBISH, "protocol"),
        (saying(b"HTTP/1.1 200 OK\r\n\r\nall?"), "endless"),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), "protocol"),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc"), "protocol"),
    ],
    ids=["cut", "rubbish", "no length", "no last chunk", "no chunk"],
)
def test_what_is_not_whole_fails(behaviour: Behaviour, kind: str) -> None:
    with pytest.raises(Failed) as failed:
        fetched(behaviour)
    assert failed.value.kind == kind


def test_what_hangs_is_over_in_time() -> None:
    with pytest.raises(Failed) as failed:
        fetched(HANGING_MID_BODY, timeout=0.3)
    assert failed.value.kind == "timeout"


def test_what_is_private_is_not_asked() -> None:
    with Receiver() as server:
        for url in (server.url("/feed"), "https://localhost/", "https://169.254.169.254/"):
            with pytest.raises(Forbidden), downloads.get(url, {}, allow_local=False, timeout=2):
                pass
        assert server.received == []
