"""`sam local` beside the embedded cloud, up to the container: tests have no Docker."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local import containers, sam
from local.build import host_architecture
from local.cloud import ROOT
from local.stack import Stack
from tests.architecture import functions

BUILT = ".local/build/template.yaml"
NO_DOCKER = "unix:///nowhere"
NEEDS_DOCKER = "requires a container runtime"
EVENT = "events/request_response/get_product.found.json"


@pytest.fixture
def files(stack: Stack, tmp_path: Path) -> list[str]:
    """What `make local` writes, as arguments."""
    containers.write(stack, tmp_path)
    return [str(tmp_path / containers.VARIABLES), str(tmp_path / containers.PARAMETERS)]


def test_every_function_finds_in_a_container_what_it_has_in_the_cloud(
    stack: Stack, files: list[str]
) -> None:
    found = in_containers(files)

    deployed = containers.variables(stack)
    assert found.keys() == deployed.keys() == functions().keys()
    for name, each in found.items():
        given = {key: value for key, value in deployed[name].items() if not of_a_proxy(key)}
        assert given.items() <= each["environment"].items(), name
        assert each["environment"].keys() >= functions()[name].variables.keys()
        assert each["environment"]["AWS_ENDPOINT_URL"] == containers.endpoint_url(stack)
        assert each["architecture"] == host_architecture()
        assert each["layers"][:2] == ["DependenciesLayer", "InterchangeLayer"]


def of_a_proxy(variable: str) -> bool:
    """Tell what other tests have put between a function and a service; SAM takes the template's."""
    return variable.startswith("AWS_ENDPOINT_URL_")


@pytest.mark.parametrize(
    "arguments", [["invoke", "GetProductFunction", "--event", EVENT], ["start-api"]]
)
def test_all_that_sam_still_asks_for_is_docker(files: list[str], arguments: list[str]) -> None:
    variables, parameters = files
    given = ["--env-vars", variables, "--parameter-overrides", f"file://{parameters}"]

    command = [str(sam.COMMAND), "local", *arguments, "--config-env", "local", "-t", BUILT, *given]
    answer = subprocess.run(command, **options(), check=False)

    assert NEEDS_DOCKER in answer.stderr, answer.stderr
    assert "Traceback" not in answer.stderr


def in_containers(files: list[str]) -> dict[str, Any]:
    """Ask SAM what it would start the functions' containers with."""
    script = [str(sam.COMMAND.with_name("python")), "tests/sam_containers.py"]
    answer = subprocess.run([*script, str(ROOT / BUILT), *files], **options(), check=True)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def options() -> dict[str, Any]:
    """Keep SAM from Docker, from AWS, and from the caller's own settings."""
    environment = {"DOCKER_HOST": NO_DOCKER, "SAM_CLI_TELEMETRY": "0", "PATH": "/usr/bin:/bin"}
    return {"cwd": ROOT, "env": environment, "capture_output": True, "text": True}
