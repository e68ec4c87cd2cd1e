"""Trim an installed dependencies folder to what the functions load.

Cold starts pay for what botocore reads: its endpoint list is 1.2 MB, its folder has 440 services,
and most of a service's model is prose. A service that is missing here fails loudly, by name, at the
first client.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Folder names in botocore's data; the endpoint list says "email" for sesv2. A function that uses
# another service needs it here.
SERVICES = {"dynamodb", "s3", "scheduler", "secretsmanager", "sesv2", "sns", "sqs", "sts"}
ENDPOINT_PREFIXES = SERVICES - {"sesv2"} | {"email"}

# Nothing that ships asks importlib.metadata for a version, hence no dist-info: scanners find the
# versions in requirements.txt.
UNUSED = (
    "bin",
    "*.dist-info",
    "**/__pycache__",
    "**/tests",
    "**/*.pyi",
    "**/py.typed",
    "botocore/docs/bcdoc/style",
    "botocore/data/*/*/examples-1.json*",
)


def main(packages: Path) -> None:
    """Trim the packages in place; running it twice changes nothing more."""
    for path in [match for pattern in UNUSED for match in packages.glob(pattern)]:
        remove(path)
    keep_services(packages / "botocore/data")
    trim_endpoints(packages / "botocore/data/endpoints.json")
    for model in (packages / "botocore/data").glob("*/*/*.json.gz"):
        unpack(model)


def remove(path: Path) -> None:
    """Delete a file or a folder."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def keep_services(data: Path) -> None:
    """Drop the services not in use, and of those in use the versions that have no model."""
    for version in data.glob("*/*/"):
        if version.parent.name not in SERVICES or not has_model(version):
            shutil.rmtree(version)
    for service in data.glob("*/"):
        if not any(service.iterdir()):
            service.rmdir()


def has_model(version: Path) -> bool:
    """Tell whether a client or a resource can be made from this folder."""
    return any(version.glob("service-2.json*")) or any(version.glob("resources-1.json*"))


def trim_endpoints(endpoints: Path) -> None:
    """Keep every partition and region, with the services in use only."""
    content = json.loads(endpoints.read_bytes())
    for partition in content["partitions"]:
        services = partition["services"]
        partition["services"] = {
            name: services[name] for name in sorted(ENDPOINT_PREFIXES & services.keys())
        }
    write(endpoints, content)


def unpack(model: Path) -> None:
    """Store a model uncompressed and without prose: work that each cold start would repeat."""
    content = dict(without_documentation(json.loads(gzip.decompress(model.read_bytes()))))
    write(model.with_suffix(""), content)
    model.unlink()


def without_documentation(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Empty the prose but keep its keys, which botocore reads here and there.

    A member of a structure that happens to be called "documentation" is an object, and stays.
    """
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield key, dict(without_documentation(inner))
        elif key == "documentation":
            yield key, ""
        else:
            yield key, inner


def write(path: Path, content: dict[str, Any]) -> None:
    """Write JSON in its shortest form."""
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
