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


@pytest.mark.parametrize("layer", ["dependencies", "docs"])
def test_nothing_ships_whose_hash_is_not_the_locks(layer: str) -> None:
    text = (ROOT / f"layers/{layer}/requirements.txt").read_text(encoding="utf-8")
    required = text.replace("\\\n", "").splitlines()

    assert [each for each in required if " --hash=sha256:" not in each] == []
    makefile = (ROOT / f"layers/{layer}/Makefile").read_text(encoding="utf-8")
    assert makefile.count("pip install") == makefile.count("--require-hashes") == 1


def test_every_package_of_every_environment_has_a_hash() -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    files = [file for each in locked for file in [*each.get("wheels", []), each.get("sdist")]]

    assert [each for each in files if each and not each["hash"].startswith("sha256:")] == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [each for group in project["dependency-groups"].values() for each in group]
    names = {re.split(r"[\[<>=]", each)[0] for each in asked if isinstance(each, str)}

    decisions = (ROOT / "docs/decisions.md").read_text(encoding="utf-8")
    rows = decisions.partition("\n## Dependencies\n")[2].splitlines()
    given = {each for row in rows if row.startswith("| ") for each in row.split("|")[1].split(",")}
    assert names - {each.strip() for each in given} == set()


@pytest.mark.parametrize(("name", "lines"), [("README.md", 150), ("Makefile", 90)])
def test_what_people_read_first_is_short(name: str, lines: int) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= lines
