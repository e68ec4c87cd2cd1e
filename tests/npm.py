"""Packages of npm that tests read cases from; nothing of them is in the tree."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_SECONDS = 60


def fetched(package: str, folder: Path) -> Path:
    """Fetch a package, and give the folder of its files."""
    _require_npm()
    run = ["npm", "pack", "--silent", package]
    subprocess.run(run, cwd=folder, check=True, timeout=_SECONDS, capture_output=True)
    (archive,) = folder.glob("*.tgz")
    shutil.unpack_archive(archive, folder, filter="data")
    return folder / "package"


def _require_npm() -> None:
    """Skip where npm is missing, but never where nobody would see it."""
    if shutil.which("npm") is None:
        missing = "npm, which fetches others' test cases, is not on the PATH"
        pytest.fail(missing) if "CI" in os.environ else pytest.skip(missing)
