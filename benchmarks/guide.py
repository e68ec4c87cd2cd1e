"""`python -m benchmarks.guide`: put what was measured and computed into docs/choosing-a-pattern.md.

A test compares the two: the guide cannot grow old while nobody looks.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks import costs, measured
from local.cloud import ROOT

FILE = ROOT / "docs/choosing-a-pattern.md"


def rewrite(document: Mapping[str, Any]) -> None:
    """Put the tables into the guide."""
    text = FILE.read_text(encoding="utf-8")
    FILE.write_text(filled(text, tables(document)), encoding="utf-8")


def tables(document: Mapping[str, Any]) -> dict[str, str]:
    """Write each table, by the name of its place."""
    usages = document["usage"]
    known = costs.prices()
    bills = costs.bills(usages, known)
    found = {
        "latency": latencies(document),
        "totals": costs.totals(usages, bills, known),
        "shares": costs.shares(bills),
        "units": costs.units(usages),
    }
    where = f"{document['measured_at']}, {document['machine']}; `{document['command']}`"
    return {name: "\n".join(each) for name, each in found.items()} | {"where": where}


def filled(text: str, found: Mapping[str, str]) -> str:
    """Replace what stands between a place's two comments."""
    for name, table in found.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        if (places := text.count(begin)) != 1:
            raise ValueError(f"The guide has {places} places for {name}.")
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}{table}\n{end}{rest.partition(end)[2]}"
    return text


def latencies(document: Mapping[str, Any]) -> Iterator[str]:
    """Write the table."""
    yield "| | request → answer: median, p99, ms | request → effect: median, p99, ms | the effect |"
    yield "|---|--:|--:|---|"
    for name, each in document["latencies"].items():
        answer, done = (
            f"{each[what]['median_ms']:,.0f}, {each[what]['p99_ms']:,.0f}"
            for what in ("answer", "done")
        )
        yield f"| {name} | {answer} | {done} | {each['effect']} |"


if __name__ == "__main__":
    rewrite(measured.read())
