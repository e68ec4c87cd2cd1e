"""`python -m benchmarks.deliveries`: deliveries per second and core, beside the plain loop.

CPU time of this process, the receiver being another: sign, guard and send, without the store.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import certifi
import requests
import standardwebhooks
import trustme

from interchange import lines
from webhook.delivering import attempts, signing
from webhook.delivering.endpoints import Endpoint

CALLS, PORTS, ROUNDS = 500, 40, 7
SECRET = signing.new_secret()
TEXT = '{"specversion":"1.0","id":"evt_1","data":{"text":"' + "x" * 1900 + '"}}'

type Loop = Callable[[list[str]], None]


@contextmanager
def receiver(folder: Path) -> Iterator[list[str]]:
    """Start the server, have this process trust it beside the usual authorities; give its URLs."""
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1")
    usual = Path(certifi.where()).read_bytes()
    trusted, certificate = folder / "trust.pem", folder / "leaf.pem"
    trusted.write_bytes(usual + authority.cert_pem.bytes())
    certificate.write_bytes(
        leaf.private_key_pem.bytes() + b"".join(each.bytes() for each in leaf.cert_chain_pems)
    )
    os.environ |= {"SSL_CERT_FILE": str(trusted), "REQUESTS_CA_BUNDLE": str(trusted)}
    command = [sys.executable, "-m", "benchmarks.receiver", str(certificate), str(PORTS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None  # noqa: S101 - it is a pipe
        try:
            yield [f"https://127.0.0.1:{port}/hook" for port in server.stdout.readline().split()]
        finally:
            server.kill()


def interchange(urls: list[str]) -> None:
    """Deliver as we do; loopback is what the local setting is for, the other checks are made."""
    for url in urls:
        endpoint = Endpoint({"url": url}, {"secret": SECRET, "former": [], "headers": {}})
        now = datetime.now(UTC)
        outcome = attempts.make(endpoint, "evt_1", TEXT, now=now, timeout=15, allow_local=True)
        if not outcome.delivered:
            raise SystemExit(f"not delivered: {outcome.error_class}")


def signed() -> dict[str, str]:
    """Sign with the official package, as the plain loop would."""
    now = datetime.now(UTC)
    signature = standardwebhooks.Webhook(SECRET).sign("evt_1", now, TEXT)
    stamp = str(int(now.timestamp()))
    return {"webhook-id": "evt_1", "webhook-timestamp": stamp, "webhook-signature": signature}


def pooled(urls: list[str]) -> None:
    """Deliver by one requests.Session: no guard, no cap, no whole deadline."""
    with requests.Session() as session:
        for url in urls:
            session.post(url, data=TEXT.encode(), headers=signed(), timeout=15).raise_for_status()


def naive(urls: list[str]) -> None:
    """Deliver by requests.post."""
    for url in urls:
        requests.post(url, data=TEXT.encode(), headers=signed(), timeout=15).raise_for_status()


def measured(loop: Loop, urls: list[str], *, fresh: bool) -> float:
    """Give the CPU seconds of a delivery; `fresh` forgets all connections before."""
    if fresh:
        for line in lines._kept.values():  # noqa: SLF001 - what a new environment has
            line.close()
        lines._kept.clear()  # noqa: SLF001
    started = time.process_time()
    loop(urls)
    return (time.process_time() - started) / len(urls)


def main() -> None:
    """Measure in turns, and print medians with the targets of P8."""
    with tempfile.TemporaryDirectory() as folder, receiver(Path(folder)) as urls:
        one = urls[:1] * CALLS
        cases: dict[str, tuple[Loop, list[str], bool]] = {
            "Interchange, pooled": (interchange, one, False),
            "requests.Session, pooled": (pooled, one, False),
            "Interchange, many hosts": (interchange, urls, True),
            "requests.post, many hosts": (naive, urls, True),
        }
        found: dict[str, list[float]] = {name: [] for name in cases}
        for number in range(ROUNDS + 1):
            for name, (loop, where, fresh) in cases.items():
                seconds = measured(loop, where, fresh=fresh)
                if number:  # the first round only warms up
                    found[name].append(seconds)
    print(*table({name: median(each) for name, each in found.items()}), sep="\n")


def table(found: dict[str, float]) -> Iterator[str]:
    """Write the figures and the ratios."""
    yield "| | CPU µs a delivery | deliveries a second and core |"
    yield "|---|--:|--:|"
    for name, seconds in found.items():
        yield f"| {name} | {1e6 * seconds:,.0f} | {1 / seconds:,.0f} |"
    ours, session, many, post = found.values()
    yield ""
    yield "| | Target | Measured | |"
    yield "|---|---|--:|---|"
    for what, ratio, least in (
        ("pooled TLS ÷ requests.Session", session / ours, 3),
        ("many hosts ÷ requests.post", post / many, 15),
    ):
        verdict = "met" if ratio >= least else "**missed**"
        yield f"| P8 | {what} ≥ {least} | {ratio:.1f} | {verdict} |"


if __name__ == "__main__":
    main()
