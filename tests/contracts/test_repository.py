"""What the repository promises of itself."""

import re
import subprocess
import tomllib

import pytest

from tests.architecture import ROOT

UV = ROOT / ".local/env/uv/bin/uv"
EXPORT = "export --quiet --frozen --no-emit-project --no-header --no-annotate --only-group"


@pytest.mark.parametrize(("layer", "group"), [("dependencies", "runtime"), ("docs", "docs")])
def test_what_ships_is_what_uv_lock_says(layer: str, group: str) -> None:
    if not UV.exists():
        pytest.fail(f"{UV.relative_to(ROOT)} is missing: `make install` gets it")
    command = [str(UV), *EXPORT.split(), group]
    exported = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)

    assert (ROOT / f"layers/{layer}/requirements.txt").read_bytes() == exported.stdout


@pytest.mark.parametrize(("name", "lines"), [("README.md", 150), ("Makefile", 90)])
@pytest.mark.parametrize(("name", "lines"), [("README.md", 150), ("Makefile", 84)])
def test_what_people_read_first_is_short(name: str, lines: int) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= lines
