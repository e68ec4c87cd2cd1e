"""Build what ships: `sam build`, then bytecode for the functions, which SAM leaves out."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from local import sam
from local.cloud import ROOT, STATE, LocalCloudError


@dataclass(frozen=True)
class Target:
    """Where built code runs, and the folders that keep it apart from code for elsewhere."""

    architecture: str
    config: str
    build: Path
    cache: Path


HERE = Target("host", "local", STATE / "build", STATE / "cache")


def for_lambda(architecture: str) -> Target:
    """Build where `sam deploy` looks; a cache per architecture, which SAM's own key leaves out."""
    folder = ROOT / ".aws-sam"
    return Target(architecture, "default", folder / "build", folder / f"cache-{architecture}")


def for_containers() -> Target:
    """Build for Lambda's image on this processor, apart from what is deployed."""
    folder = STATE / "containers"
    return Target(host_architecture(), "default", folder / "build", folder / "cache")


def host_architecture() -> str:
    """Name this machine's processor as Lambda does."""
    return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


def build(target: Target = HERE) -> None:
    """Build layers and functions; only layers that have not changed come from the cache."""
    folders = ["--build-dir", str(target.build), "--cache-dir", str(target.cache)]
    sam.run(
        ["build", "--config-env", target.config, *folders, "--cached", "--parallel"],
        {"INTERCHANGE_ARCHITECTURE": target.architecture},
    )
    compile_functions([path for path in target.build.glob("*Function") if path.is_dir()])


def compile_functions(folders: list[Path]) -> None:
    """Compile each distinct folder once: SAM gives every function its copy of the same source."""
    compiled: dict[str, Path] = {}
    for folder in sorted(folders):
        source = fingerprint(folder)
        if source in compiled:
            shutil.rmtree(folder)
            shutil.copytree(compiled[source], folder, copy_function=os.link)
        else:
            compile_folder(folder)
            compiled[source] = folder


def fingerprint(folder: Path) -> str:
    """Tell two folders apart by their files' names and contents."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def compile_folder(folder: Path) -> None:
    """Compile in place, always (-f): Lambda trusts this bytecode without a look at the source."""
    options = ["-q", "-f", "--invalidation-mode", "unchecked-hash"]
    places = ["-s", str(folder), "-p", "/var/task", str(folder)]
    result = subprocess.run(
        [sys.executable, "-m", "compileall", *options, *places],
        env=os.environ | {"PYTHONHASHSEED": "0"},  # equal source, equal bytes: nothing to deploy
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        message = f"The functions do not compile:\n{result.stdout.strip()}"
        raise LocalCloudError(message)
