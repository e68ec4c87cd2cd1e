"""`python -m benchmarks.costs`: what a million operations of each pattern cost on AWS.

Computed from what was measured (measured.json), list prices (prices.toml) and each function's
memory (template.yaml); docs/choosing-a-pattern.md quotes it, and a test compares them.
"""

import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks import measured, template

PRICES = Path(__file__).with_name("prices.toml")
MILLION = 1_000_000
REQUESTS_OF_A_MESSAGE = 3  # sent, received, deleted, each by itself
TRACED = 0.05  # X-Ray's default: a twentieth, beside the first of each second
SLOWER = 3.0  # 512 MB have 0.29 of a CPU, the machine that measured one each
MAIL = "SES"

type Quantities = dict[str, float]
type Bills = Mapping[str, Mapping[str, float]]
type Prices = Mapping[str, Mapping[str, Any]]


def main() -> int:
    """Print what the guide quotes."""
    print(*lines(measured.read()["usage"], prices()), sep="\n")
    return 0


def prices() -> dict[str, dict[str, Any]]:
    """Read the prices, by what is billed: `sqs.requests`."""
    found = tomllib.loads(PRICES.read_text(encoding="utf-8"))
    return {f"{of}.{what}": each for of, units in found.items() for what, each in units.items()}


def quantities(usage: Mapping[str, Any], *, slower: float = 1.0) -> Quantities:
    """Say what one operation is billed for."""
    functions = usage["functions"]
    invocations = sum(each["invocations"] for each in functions.values())
    calls = {name: each for name, each in usage["calls"].items() if not _is_free(name)}
    changes = calls.pop("sqs.others", 0)
    return calls | {
        "api_gateway.requests": usage["requests"],
        "lambda.requests": invocations,
        "lambda.gb_seconds": slower * gigabyte_seconds(functions),
        "sqs.requests": REQUESTS_OF_A_MESSAGE * messages(functions) + changes,
        "logs.gigabytes": sum(each["log_bytes"] for each in functions.values()) / 1e9,
        "xray.traces": TRACED * invocations,
    }


def gigabyte_seconds(functions: Mapping[str, Mapping[str, float]]) -> float:
    """Add up time by memory."""
    return sum(
        each["billed_ms"] / 1000 * template.memory_gb(name) for name, each in functions.items()
    )


def messages(functions: Mapping[str, Mapping[str, float]]) -> float:
    """Count messages: each of our queues gives its function one at a time."""
    return sum(
        each["invocations"] for name, each in functions.items() if template.takes_messages(name)
    )


def bill(used: Quantities, known: Prices) -> dict[str, float]:
    """Give US dollars for a million operations, by service."""
    found: dict[str, float] = defaultdict(float)
    for name, number in used.items():
        price = known[name]
        found[price["service"]] += MILLION * number * price["usd"] / price["per"]
    return dict(found)


def _is_free(name: str) -> bool:
    return name.startswith("unbilled.")


def bills(usages: Mapping[str, Any], known: Prices) -> dict[str, dict[str, float]]:
    """Give the bill of each operation."""
    return {name: bill(quantities(each), known) for name, each in usages.items()}


def lines(usages: Mapping[str, Any], known: Prices) -> Iterator[str]:
    """Write the tables."""
    found = bills(usages, known)
    yield from totals(usages, found, known)
    yield ""
    yield from shares(found)
    yield ""
    yield from units(usages)


def totals(usages: Mapping[str, Any], found: Bills, known: Prices) -> Iterator[str]:
    """Write the sums."""
    yield "| a million of | USD | of it e-mail | if every function took three times as long |"
    yield "|---|--:|--:|--:|"
    for name, each in found.items():
        slower = sum(bill(quantities(usages[name], slower=SLOWER), known).values())
        cells = f"{sum(each.values()):,.2f} | {each.get(MAIL, 0):,.2f} | {slower:,.2f}"
        yield f"| {name} | {cells} |"


def shares(found: Bills) -> Iterator[str]:
    """Write who takes which part of it."""
    everything = {name: sum(each.get(name, 0) for each in found.values()) for name in _names(found)}
    services = sorted(everything, key=lambda name: -everything[name])
    yield f"| share, % | {' | '.join(services)} |"
    yield f"|---|{'--:|' * len(services)}"
    for name, each in found.items():
        total = sum(each.values())
        cells = " | ".join(f"{100 * each.get(service, 0) / total:.0f}" for service in services)
        yield f"| {name} | {cells} |"


def _names(found: Bills) -> set[str]:
    return {name for each in found.values() for name, usd in each.items() if usd}


def units(usages: Mapping[str, Any]) -> Iterator[str]:
    """Write what one operation uses."""
    yield (
        "| one of | invocations | billed ms | SQS requests | DynamoDB write units | read units "
        "| SNS publishes | log bytes |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for name, each in usages.items():
        used = quantities(each)
        billed = sum(function["billed_ms"] for function in each["functions"].values())
        cells = [
            _short(used["lambda.requests"]),
            _short(billed),
            _short(used["sqs.requests"]),
            *(
                _short(used.get(unit, 0))
                for unit in ("dynamodb.write_units", "dynamodb.read_units", "sns.publishes")
            ),
            f"{1e9 * used['logs.gigabytes']:,.0f}",
        ]
        yield f"| {name} | {' | '.join(cells)} |"


def _short(number: float) -> str:
    return f"{number:,.2f}".rstrip("0").rstrip(".")


if __name__ == "__main__":
    sys.exit(main())
