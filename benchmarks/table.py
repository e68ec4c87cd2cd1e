"""Say what was measured, as a table in Markdown, and which targets are met."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from benchmarks.bundles import AS_SAM_SHIPS, BASELINE, POWERTOOLS, SUBJECT
from benchmarks.cold import Start
from benchmarks.counts import Counts

HEAD = """\
| | init, CPU ms | first, CPU ms | cold start, CPU ms | ÷ boto3 | warm, CPU µs | ÷ boto3 \
| first over TLS, ms | at 512 MB, ms | ÷ Powertools |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""


@dataclass(frozen=True)
class Figures:
    """Medians of one function's rounds, in seconds."""

    init_cpu: float
    first_cpu: float
    cpu: float
    first_wall: float
    first_at_512_mb: float
    warm: float


def figures(starts: list[Start], calls: list[float]) -> Figures:
    """Take each column's median."""
    return Figures(
        init_cpu=median(each.init_cpu for each in starts),
        first_cpu=median(each.first_cpu for each in starts),
        cpu=median(each.cpu for each in starts),
        first_wall=median(each.first_wall for each in starts),
        first_at_512_mb=median(each.first_at_512_mb for each in starts),
        warm=median(calls),
    )


def lines(found: Mapping[str, Figures], counts: Counts) -> Iterator[str]:
    """Write the table, the targets and the counts."""
    yield HEAD
    boto3, powertools = found[BASELINE], found[POWERTOOLS]
    for name, each in sorted(found.items(), key=lambda item: item[1].cpu):
        cells = [
            f"**{name}**" if name == SUBJECT else name,
            f"{1e3 * each.init_cpu:,.0f}",
            f"{1e3 * each.first_cpu:,.1f}",
            f"{1e3 * each.cpu:,.0f}",
            f"{each.cpu / boto3.cpu:.2f}",
            f"{1e6 * each.warm:,.1f}",
            f"{each.warm / boto3.warm:.2f}",
            f"{1e3 * each.first_wall:,.1f}",
            f"{1e3 * each.first_at_512_mb:,.0f}",
            f"{each.first_at_512_mb / powertools.first_at_512_mb:.2f}",
        ]
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield from targets(found, counts)


def targets(found: Mapping[str, Figures], counts: Counts) -> Iterator[str]:
    """Hold the read function against what it is to reach."""
    ours, boto3 = found[SUBJECT], found[BASELINE]
    first = ours.first_at_512_mb / found[POWERTOOLS].first_at_512_mb
    yield "| | Target | Measured | |"
    yield "|---|---|--:|---|"
    yield _row("P1", "cold start ÷ boto3, compiled", ours.cpu / boto3.cpu, 0.90)
    yield _row("P1", f"cold start ÷ {AS_SAM_SHIPS}", ours.cpu / found[AS_SAM_SHIPS].cpu, 0.25)
    yield _row("P2", "warm CPU ÷ boto3", ours.warm / boto3.warm, 0.90)
    yield _row("P3", "first answer at 512 MB over TLS ÷ Powertools", first, 0.10)
    yield _row("P10", "files opened", counts.files, 350)
    yield _row("P10", "MB read", counts.megabytes, 7.5)
    yield _row("P10", "modules", counts.modules, 380)


def _row(target: str, what: str, measured: float, limit: float) -> str:
    digits = ".0f" if isinstance(measured, int) else ".2f"
    verdict = "met" if measured <= limit else "**missed**"
    return f"| {target} | {what} ≤ {limit:{digits}} | {measured:{digits}} | {verdict} |"
