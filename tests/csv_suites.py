"""Others' hard CSV files, out of their packages for npm; nothing of them is in the tree."""

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from tests import npm

_SECONDS = 60
# The cases are in a script that would run them: all that runs them is none of ours.
_DUMPED = """
const none = Object.assign(() => none, {skip() {}, assert: {}});
const box = {describe: none, module: {exports: {}}, require: () => none, process: {env: {}}};
const script = require("fs").readFileSync(process.argv[1], "utf8");
const wanted = "({core: CORE_PARSER_TESTS, parse: PARSE_TESTS})";
console.log(JSON.stringify(require("vm").runInNewContext(`${script}\\n;${wanted}`, box)));
"""


class Sample(NamedTuple):
    """A file, and its rows by column as the suite has them."""

    name: str
    file: bytes
    rows: list[dict[str, str]]


class Case(NamedTuple):
    """A text, and its rows as PapaParse reads them; None where it is asked for more than that."""

    name: str
    text: str
    rows: list[list[str]] | None


def spectrum(folder: Path) -> list[Sample]:
    """Fetch csv-spectrum into a folder, and give its files."""
    package = npm.fetched("csv-spectrum@2.0.0", folder)
    return [
        Sample(each.stem, each.read_bytes(), json.loads(_beside(each).read_bytes()))
        for each in sorted(package.glob("csvs/*.csv"))
    ]


def _beside(file: Path) -> Path:
    return file.parents[1] / "json" / f"{file.stem}.json"


def papaparse(folder: Path) -> list[Case]:
    """Fetch PapaParse into a folder, and give its parser's cases, malformed ones among them."""
    script = npm.fetched("papaparse@5.7.1", folder) / "tests/test-cases.js"
    run = ["node", "-e", _DUMPED, str(script)]
    found = subprocess.run(run, check=True, timeout=_SECONDS, capture_output=True)
    told: dict[str, list[dict[str, Any]]] = json.loads(found.stdout)
    return [
        Case(each["description"], each["input"], _rows(each) if kind == "core" else None)
        for kind, cases in told.items()
        for each in cases
    ]


def _rows(case: dict[str, Any]) -> list[list[str]] | None:
    plain = not case.get("config") and not case["expected"]["errors"]
    rows: list[list[str]] = case["expected"]["data"]
    return rows if plain else None
