"""What was measured, in one committed file: the costs are computed without measuring again."""

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("measured.json")


def read() -> dict[str, Any]:
    """Read the file."""
    found: dict[str, Any] = json.loads(FILE.read_bytes())
    return found


def write(document: dict[str, Any]) -> None:
    """Replace the file."""
    FILE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
