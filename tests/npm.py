"""Packages of npm that tests read cases from; nothing of them is in the tree."""

import shutil
import subprocess
from pathlib import Path

import pytest

_SECONDS = 60


def fetched(package: str, folder: Path) -> Path:
    """Fetch `name@version`, and give the folder of its files; skip where npm cannot.

    Nobody is asked to have npm; a skip stands in the run's summary with its reason.
    """
    if shutil.which("npm") is None:
        pytest.skip(f"npm, which fetches {package}, is not on the PATH")
    run = ["npm", "pack", "--silent", package]
    try:
        subprocess.run(run, cwd=folder, check=True, timeout=_SECONDS, capture_output=True)
    except subprocess.SubprocessError as error:
        pytest.skip(f"npm did not fetch {package}: {error}")
    (archive,) = folder.glob("*.tgz")
    shutil.unpack_archive(archive, folder, filter="data")
    return folder / "package"
