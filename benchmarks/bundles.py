"""Lay functions out as Lambda does: code in one folder, its layers merged in another."""

import importlib.metadata
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from local import build as builds
from local import sam
from local.cloud import STATE

FOLDER = STATE / "bench"
PEERS = Path(__file__).parent / "peers"
PEERS_ENVIRONMENT = STATE / "env/peers"
SUBJECT = "Interchange"
BASELINE = "boto3"
POWERTOOLS = "Powertools"
AS_SAM_SHIPS = "Powertools, validation, as `sam build` ships it"


@dataclass(frozen=True)
class Bundle:
    """What one function finds on its path, in Lambda's order."""

    name: str
    handler: str
    path: tuple[Path, ...]


@dataclass(frozen=True)
class Peer:
    """A module of peers/ with what it stands on; without bytecode, it compiles at each start."""

    name: str
    module: str
    distributions: tuple[str, ...] = ("boto3",)
    bytecode: bool = True


_POWERTOOLS = ("boto3", "aws-lambda-powertools")

ALL = (
    Peer("constant, no imports", "constant", ()),
    Peer(BASELINE, "bare_boto3"),
    Peer("Chalice", "chalice_app", ("boto3", "chalice")),
    Peer(POWERTOOLS, "powertools", _POWERTOOLS),
    Peer("Flask, serverless-wsgi", "flask_wsgi", ("boto3", "flask", "serverless-wsgi")),
    Peer("Powertools, validation", "powertools_validation", (*_POWERTOOLS, "pydantic")),
    Peer("Litestar, Mangum", "litestar_mangum", ("boto3", "litestar", "mangum")),
    Peer("FastAPI, Mangum", "fastapi_mangum", ("boto3", "fastapi", "mangum")),
    Peer(AS_SAM_SHIPS, "powertools_validation", (*_POWERTOOLS, "pydantic"), bytecode=False),
)

# `chalice package` ships chalice's own runtime module and none of what its command line needs.
_WITHOUT_REQUIREMENTS = {"chalice"}


def subject() -> Bundle:
    """Build the read function and take it, with its layers, as it ships."""
    task, layers = _empty("subject/task"), _empty("subject/opt")
    with sam.exclusive():
        builds.build()
        _copy(builds.HERE.build / "GetProductFunction", task)
        for layer in ("DependenciesLayer", "InterchangeLayer"):
            _copy(builds.HERE.build / layer / "python", layers)
    return Bundle(SUBJECT, "request_response.get_product.handler", (task, layers))


def peers() -> list[Bundle]:
    """Install every peer in a folder of its own, with only what it stands on."""
    return [_peer(each) for each in ALL]


def _peer(peer: Peer) -> Bundle:
    task = _empty(f"{peer.module}{'' if peer.bytecode else '-source'}")
    _install(peer.distributions, task)
    for module in {"product", peer.module} if peer.distributions else {peer.module}:
        shutil.copy2(PEERS / f"{module}.py", task)
    if peer.bytecode:
        builds.compile_folder(task)
    return Bundle(peer.name, f"{peer.module}.handler", (task,))


def runtime() -> Path:
    """Install Lambda's own runtime interface client."""
    folder = _empty("runtime")
    _install(("awslambdaric",), folder)
    builds.compile_folder(folder)
    return folder


def usual_trust_store() -> Path:
    """Find the certificate authorities that botocore brings along."""
    return Path(str(_distribution("botocore").locate_file("botocore/cacert.pem")))


def _install(names: tuple[str, ...], folder: Path) -> None:
    """Copy distributions out of the peers' environment, with what they require and no bytecode."""
    for distribution in _closure(names):
        for file in distribution.files or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(str(file.locate()), target)


def _closure(names: tuple[str, ...]) -> Iterator[importlib.metadata.Distribution]:
    waiting, seen = list(names), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            found = _distribution(name)
            yield found
            if name not in _WITHOUT_REQUIREMENTS:
                waiting += _required_by(found)


def _distribution(name: str) -> importlib.metadata.Distribution:
    site = [str(each) for each in PEERS_ENVIRONMENT.glob("lib/python*/site-packages")]
    return next(iter(importlib.metadata.Distribution.discover(name=name, path=site)))


def _required_by(distribution: importlib.metadata.Distribution) -> Iterator[str]:
    for each in map(Requirement, distribution.requires or ()):
        if each.marker is None or each.marker.evaluate({"extra": ""}):
            yield each.name


def _empty(name: str) -> Path:
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True)
