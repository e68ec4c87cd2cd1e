"""What ships: every function imports with nothing but its artefacts, and brings its bytecode."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import build, sam
from tests.architecture import functions

BUILT = build.HERE.build
LAYERS = [BUILT / name / "python" for name in ("DependenciesLayer", "InterchangeLayer")]
UNCHECKED_HASH = (0b01).to_bytes(4, "little")  # PEP 552: by hash, and not looked at again

# One process imports what all share, then a fork per function has its folder alone on the path.
IMPORT_EACH = """
import importlib, json, os, sys
layers, folders = json.loads(sys.argv[1])
sys.path += layers
from interchange import aws, validation
failed = 0
for folder, module in folders.items():
    if (child := os.fork()) == 0:
        sys.path.insert(0, folder)
        found = importlib.import_module(module)
        os._exit(not (callable(found.handler) and found.__file__.startswith(folder)))
    failed += os.waitpid(child, 0)[1] != 0
for service in ("dynamodb", "s3", "secretsmanager", "sesv2", "sns", "sqs"):
    getattr(aws, service)()
aws.dynamodb().get_paginator("query")
assert all(path.startswith((sys.base_prefix, *layers)) for path in sys.path)
sys.exit(failed)
"""


@pytest.fixture(scope="module", autouse=True)
def built() -> Iterator[None]:
    """Everything, built for this machine and held: a redeploy would take it away meanwhile."""
    with sam.exclusive():
        build.build()
        yield


def bytecode_of(source: Path) -> Path:
    return Path(importlib.util.cache_from_source(str(source)))


def test_every_function_imports_in_isolation_with_its_clients() -> None:
    folders = {str(BUILT / name): each.module for name, each in functions().items()}
    arguments = json.dumps([list(map(str, LAYERS)), folders])

    isolated = [sys.executable, "-I", "-S", "-B", "-W", "error", "-c", IMPORT_EACH, arguments]
    run = subprocess.run(isolated, env={"AWS_DEFAULT_REGION": "eu-central-1"}, check=False)

    assert run.returncode == 0


@pytest.mark.parametrize("folder", [*LAYERS, *(BUILT / name for name in functions())])
def test_every_source_file_comes_with_its_own_bytecode_that_is_not_checked(folder: Path) -> None:
    for source in folder.rglob("*.py"):
        head = bytecode_of(source).read_bytes()[:16]

        assert head[:4] == importlib.util.MAGIC_NUMBER
        assert head[4:8] == UNCHECKED_HASH, source
        assert head[8:16] == importlib.util.source_hash(source.read_bytes()), source


@pytest.mark.parametrize("folder", [*LAYERS, *(BUILT / name for name in functions())])
def test_no_bytecode_ships_without_its_source(folder: Path) -> None:
    expected = {bytecode_of(source) for source in folder.rglob("*.py")}

    assert expected
    assert set(folder.rglob("*.pyc")) == expected


@pytest.mark.parametrize("name", functions())
def test_a_function_ships_the_patterns_and_nothing_else(name: str) -> None:
    patterns = {each.pattern for each in functions().values()}

    assert {each.name for each in (BUILT / name).iterdir()} == patterns
