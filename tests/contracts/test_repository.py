"""What the repository promises of itself."""

import re
import subprocess
import tomllib

import pytest

from tests.architecture import ROOT

UV = ROOT / ".local/env/uv/bin/uv"
EXPORT = "export --quiet --frozen --no-emit-project --no-header --no-annotate --only-group"
REQUIREMENTS = {
    "runtime": "layers/dependencies/requirements.txt",
    "docs": "layers/docs/requirements.txt",
    "uv": "requirements-uv.txt",
}


@pytest.mark.parametrize("group", REQUIREMENTS)
def test_what_ships_and_what_installs_it_is_what_uv_lock_says(group: str) -> None:
    if not UV.exists():
        pytest.fail(f"{UV.relative_to(ROOT)} is missing: `make install` gets it")
    command = [str(UV), *EXPORT.split(), group]
    exported = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)

    assert (ROOT / REQUIREMENTS[group]).read_bytes() == exported.stdout


@pytest.mark.parametrize("requirements", REQUIREMENTS.values())
def test_nothing_is_installed_whose_hash_is_not_the_locks(requirements: str) -> None:
    file = ROOT / requirements
    required = file.read_text(encoding="utf-8").replace("\\\n", "").splitlines()

    assert [each for each in required if " --hash=sha256:" not in each] == []
    makefile = (file.parent / "Makefile").read_text(encoding="utf-8")
    for flag in ("--require-hashes", "--only-binary=:all:"):
        assert makefile.count("pip install") == makefile.count(flag) == 1


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
