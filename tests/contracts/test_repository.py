"""What the repository promises of itself."""

import subprocess

import pytest

from tests.architecture import ROOT

UV = ROOT / ".local/env/uv/bin/uv"
EXPORT = "export --quiet --frozen --only-group runtime --no-emit-project --no-header --no-annotate"


def test_what_ships_is_what_uv_lock_says() -> None:
    if not UV.exists():
        pytest.fail(f"{UV.relative_to(ROOT)} is missing: `make install` gets it")
    exported = subprocess.run([UV, *EXPORT.split()], cwd=ROOT, capture_output=True, check=True)

    assert (ROOT / "layers/dependencies/requirements.txt").read_bytes() == exported.stdout


@pytest.mark.parametrize(("name", "lines"), [("README.md", 150), ("Makefile", 80)])
def test_what_people_read_first_is_short(name: str, lines: int) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= lines
