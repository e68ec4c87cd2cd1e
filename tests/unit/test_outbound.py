"""Guarded calls, against real sockets on this machine."""

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from interchange import lines, outbound
from interchange.outbound import Answer, Failed, Forbidden
from tests import receiver
from tests.receiver import Receiver

HERE = "127.0.0.1"


def call(url: str, **options: Any) -> Answer:
    given = {"allow_local": True, "timeout": 5.0} | options
    return outbound.request("POST", url, {"Content-Type": "application/json"}, b"{}", **given)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Close what a test has kept open."""
    yield
    for line in lines._kept.values():
        line.close()
    lines._kept.clear()
    lines._trust.cache_clear()


@pytest.fixture
def server() -> Iterator[Receiver]:
    with Receiver() as found:
        yield found


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that this process trusts."""
    found = trustme.CA()
    found.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    lines._trust.cache_clear()
    return found


def tls(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


def listening_at(address: str, port: int) -> socket.socket:
    try:
        found = socket.create_server((address, port))
    except OSError:  # macOS has no second address of its own
        pytest.skip(f"this machine cannot listen at {address}")
    found.settimeout(0.2)
    return found


def here(_: str, __: int) -> Sequence[str]:
    return [HERE]


def test_an_answer_has_status_headers_body_and_the_time_it_took(server: Receiver) -> None:
    server.behaviours["/hook"] = receiver.answering(202, {"X-One": "1"}, b"taken")

    answer = call(server.url("/hook"))

    assert (answer.status, answer.body_excerpt) == (202, b"taken")
    assert answer.headers["x-one"] == "1"
    assert 0 <= answer.millis < 5000
    (received,) = server.received
    assert received.body == b"{}"
    assert received.headers["host"] == f"127.0.0.1:{server.port}"
    assert received.headers["content-length"] == "2"


def test_a_connection_takes_the_next_request_to_the_same_place(server: Receiver) -> None:
    for _ in range(3):
        call(server.url("/a"))
        call(server.url("/b"))

    assert len(server.received) == 6
    assert server.connections == 1


def test_a_connection_that_was_idle_too_long_is_not_used_again(
    server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_IDLE_SECONDS", -1)

    call(server.url())
    call(server.url())

    assert server.connections == 2


def test_a_connection_that_the_server_has_closed_is_not_used_again(server: Receiver) -> None:
    server.behaviours["/"] = receiver.saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    call(server.url())
    time.sleep(0.1)  # for the server's close to arrive

    assert call(server.url()).status == 200


def test_the_oldest_connection_gives_way(server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_MOST_KEPT", 2)

    for host in ("a.example", "b.example", "c.example"):
        call(server.url(host=host), resolver=here)

    assert [each.host for each in lines._kept] == ["b.example", "c.example"]


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (receiver.HANGING, "timeout"),
        (receiver.HANGING_MID_BODY, "timeout"),
        (receiver.saying(b"HTTP/1.1 200 OK\r\nX-Slow: and steady\r\n\r\n", trickle=0.1), "timeout"),
        (
            receiver.saying(
                b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + b"x" * 99, trickle=0.05
            ),
            "timeout",
        ),
        (receiver.RUBBISH, "protocol"),
        (receiver.CUT_SHORT, "protocol"),
        (receiver.saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), "protocol"),
        (receiver.saying(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"), "protocol"),
        (receiver.saying(b"HTTP/1.1 99999 OK\r\n\r\n"), "protocol"),
        (receiver.saying(b""), "reset"),
        (receiver.resetting, "reset"),
    ],
)
def test_what_is_no_answer_has_a_kind(
    server: Receiver, behaviour: receiver.Behaviour, kind: str
) -> None:
    server.behaviours["/"] = behaviour
    started = time.monotonic()

    with pytest.raises(Failed) as failed:
        call(server.url(), timeout=1.0)

    assert failed.value.kind == kind
    assert time.monotonic() - started < 5
    assert lines._kept == {}


def test_nobody_listening_is_a_refused_connection() -> None:
    with socket.create_server((HERE, 0)) as unused:
        port = unused.getsockname()[1]

    with pytest.raises(Failed) as failed:
        call(f"http://127.0.0.1:{port}/")

    assert failed.value.kind == "connect_refused"


def test_who_reads_too_slowly_does_not_outlive_the_deadline() -> None:
    with socket.create_server((HERE, 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with pytest.raises(Failed) as failed:
            outbound.request("POST", url, {}, b"x" * 20_000_000, allow_local=True, timeout=0.5)

    assert failed.value.kind == "timeout"


def test_of_a_large_answer_only_the_beginning_is_read(server: Receiver) -> None:
    server.behaviours["/"] = receiver.huge(10)

    answer = call(server.url())

    assert answer.body_excerpt == b"x" * 16_384
    assert lines._kept == {}


def test_a_chunked_answer_is_read_to_its_end(server: Receiver) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    server.behaviours["/"] = receiver.saying(chunked, then_hang=10)

    assert call(server.url()).body_excerpt == b"abc"
    assert len(lines._kept) == 1


def test_an_empty_answer_is_an_answer(server: Receiver) -> None:
    server.behaviours["/"] = receiver.saying(b"HTTP/1.1 204 No Content\r\n\r\n", then_hang=10)

    assert call(server.url())[:3] == (204, {}, b"")


def test_a_redirect_is_not_followed(server: Receiver) -> None:
    elsewhere = {"Location": server.url("/elsewhere")}
    server.behaviours["/"] = receiver.answering(307, elsewhere)

    assert call(server.url()).status == 307
    assert [each.path for each in server.received] == ["/"]


def test_a_proxy_in_the_environment_is_not_asked(
    server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert call(server.url()).status == 200


def test_a_forbidden_address_sees_no_connection(server: Receiver) -> None:
    """The guard, not the network, keeps us away: a server listens there."""
    for host in ("127.0.0.1", "[::ffff:127.0.0.1]", "name.example"):
        with pytest.raises(Forbidden) as refused:
            call(
                f"https://{host}:{server.port}/",
                allow_local=False,
                resolver=lambda host, _: [HERE] if host == "name.example" else [host],
            )
        assert refused.value.kind == "address_forbidden"
    assert server.connections == 0


def test_a_name_with_one_bad_address_among_good_ones_is_forbidden(server: Receiver) -> None:
    for found in (["1.1.1.1", HERE], [HERE, "1.1.1.1"]):
        with pytest.raises(Forbidden):
            call(f"https://x.example:{server.port}/", allow_local=False, resolver=lambda *_: found)  # noqa: B023 - called at once
    assert server.connections == 0


def test_the_connection_goes_to_the_address_that_was_checked(server: Receiver) -> None:
    """A resolver that answers otherwise the second time is not asked a second time."""
    answers = [[HERE], ["127.0.0.2"]]
    asked = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers.pop(0)

    with listening_at("127.0.0.2", server.port) as forbidden:
        call(f"http://rebind.example:{server.port}/", resolver=rebinding)

        with pytest.raises(TimeoutError):
            forbidden.accept()
    assert asked == ["rebind.example"]
    assert server.received[0].headers["host"] == f"rebind.example:{server.port}"


def test_the_next_address_is_tried_when_the_first_does_not_answer(server: Receiver) -> None:
    answer = call(server.url(host="two.example"), resolver=lambda *_: ["127.0.0.9", HERE])

    assert answer.status == 200


def test_a_name_that_does_not_resolve_is_its_own_failure() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror("unknown")

    def empty(host: str, port: int) -> Sequence[str]:
        return []

    for resolver in (unknown, empty):
        with pytest.raises(Failed) as failed:
            call("https://nowhere.example/", resolver=resolver)
        assert failed.value.kind == "dns"


def test_a_resolver_that_hangs_does_not_outlive_the_deadline() -> None:
    def hanging(host: str, port: int) -> Sequence[str]:
        time.sleep(3)
        return []

    started = time.monotonic()
    with pytest.raises(Failed):
        call("https://nowhere.example/", resolver=hanging, timeout=0.3)
    assert time.monotonic() - started < 2


def test_a_check_refuses_what_would_be_refused_and_forgives_a_silent_resolver() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror("unknown")

    outbound.check("https://nowhere.example/", allow_local=False, resolver=unknown)
    outbound.check("https://ok.example/", allow_local=False, resolver=lambda *_: ["1.1.1.1"])
    with pytest.raises(Forbidden):
        outbound.check("https://bad.example/", allow_local=False, resolver=here)
    with pytest.raises(Forbidden):
        outbound.check("http://ok.example/", allow_local=False)


def test_tls_proves_the_name_while_the_address_is_another(authority: trustme.CA) -> None:
    with Receiver(tls(authority.issue_cert("hooks.example"))) as server:
        for _ in range(2):
            answer = call(server.url(host="hooks.example"), resolver=here)
            assert answer.status == 200

        assert server.connections == 1
        with pytest.raises(Failed) as failed:
            call(server.url(host="other.example"), resolver=here)
        assert failed.value.kind == "tls"


def test_a_certificate_that_has_expired_or_that_nobody_vouches_for_is_refused(
    authority: trustme.CA,
) -> None:
    old = authority.issue_cert("hooks.example", not_after=datetime(2020, 1, 1, tzinfo=UTC))
    unknown = trustme.CA().issue_cert("hooks.example")
    for certificate in (old, unknown):
        with Receiver(tls(certificate)) as server:
            with pytest.raises(Failed) as failed:
                call(server.url(host="hooks.example"), resolver=here)
            assert failed.value.kind == "tls"
            assert server.received == []


def test_who_does_not_speak_tls_is_a_failure_of_tls(server: Receiver) -> None:
    with pytest.raises(Failed) as failed:
        call(f"https://127.0.0.1:{server.port}/", timeout=2.0)

    assert failed.value.kind in {"tls", "reset", "timeout"}


def test_the_systems_resolver_names_this_machine() -> None:
    assert HERE in outbound.resolve("localhost", 80)
