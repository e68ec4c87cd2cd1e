"""GitHub's own example payloads, out of octokit's package for npm; nothing of it is in the tree."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_SECONDS = 60


def payloads(folder: Path) -> dict[str, list[bytes]]:
    """Fetch the examples into a folder, and give them by event."""
    if shutil.which("npm") is None:
        pytest.skip("npm, which has octokit's examples, is not on the PATH")
    run = ["npm", "pack", "--silent", "@octokit/webhooks-examples"]
    subprocess.run(run, cwd=folder, check=True, timeout=_SECONDS, capture_output=True)
    (archive,) = folder.glob("*.tgz")
    shutil.unpack_archive(archive, folder, filter="data")
    index: list[Any] = json.loads((folder / "package/api.github.com/index.json").read_bytes())
    return {each["name"]: list(map(_written, each["examples"])) for each in index}


def _written(example: Any) -> bytes:
    return json.dumps(example, ensure_ascii=False).encode()
