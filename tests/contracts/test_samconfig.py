"""samconfig.toml says what SAM CLI knows, and tells AWS nothing that is for trying things out."""

import json
import shlex
import subprocess
import tomllib
from functools import cache
from typing import Any

import pytest

from local import containers
from local.build import for_containers, for_lambda, host_architecture
from local.cloud import REGION, STATE
from tests.architecture import ROOT, template

SAM_PYTHON = ROOT / ".local/env/sam/bin/python"
COMMANDS = {
    "build": "samcli.commands.build.command",
    "validate": "samcli.commands.validate.validate",
    "deploy": "samcli.commands.deploy.command",
    "local_invoke": "samcli.commands.local.invoke.cli",
    "local_start_api": "samcli.commands.local.start_api.cli",
}
ASK = """
import importlib, json, sys
commands = json.loads(sys.argv[1])
options = {name: importlib.import_module(module).cli.params for name, module in commands.items()}
print(json.dumps({name: [each.name for each in found] for name, found in options.items()}))
"""
CONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
IN_AWS = ["staging", "production"]
SECTIONS = [
    pytest.param(section, found["parameters"], id=f"{environment}.{section}")
    for environment, sections in CONFIG.items()
    if environment != "version"
    for section, found in sections.items()
]


@cache
def known() -> dict[str, set[str]]:
    """Ask SAM CLI for the options of its commands."""
    if not SAM_PYTHON.exists():
        pytest.fail(f"{SAM_PYTHON.relative_to(ROOT)} is missing: `make install` gets it")
    command = [str(SAM_PYTHON), "-c", ASK, json.dumps(COMMANDS)]
    answer = subprocess.run(command, capture_output=True, check=True, text=True)
    return {name: set(each) for name, each in json.loads(answer.stdout).items()}


def overrides(environment: str) -> dict[str, str]:
    """Give the parameters that a deployment to AWS sets; `sam deploy --guided` writes one line."""
    given = CONFIG[environment]["deploy"]["parameters"]["parameter_overrides"]
    words = shlex.split(given) if isinstance(given, str) else given
    return dict(each.split("=", 1) for each in words)


@pytest.mark.parametrize(("section", "parameters"), SECTIONS)
def test_sam_knows_every_section_and_every_setting(
    section: str, parameters: dict[str, Any]
) -> None:
    options = known() | {"global": set.union(*known().values())}

    assert section in options
    assert parameters.keys() <= options[section]


@pytest.mark.parametrize("environment", IN_AWS)
def test_what_people_rely_on_is_patient_and_calls_no_machine_of_its_own(environment: str) -> None:
    given = overrides(environment)

    assert given["Pace"] == "production"
    assert given["DangerouslyAllowLocalTargets"] == "false"
    assert not given.get("AwsEndpointUrl")


@pytest.mark.parametrize("environment", IN_AWS)
def test_a_deployments_parameters_are_the_templates(environment: str) -> None:
    parameters = template()["Parameters"]

    for name, value in overrides(environment).items():
        assert value in map(str, parameters[name].get("AllowedValues", [value]))


def test_a_person_agrees_to_what_production_changes() -> None:
    assert CONFIG["production"]["deploy"]["parameters"]["confirm_changeset"] is True


def test_environments_in_aws_share_no_stack_no_artifacts_and_no_tags() -> None:
    found = [CONFIG[each]["deploy"]["parameters"] for each in IN_AWS]
    stacks = {
        CONFIG[each]["global"]["parameters"]["stack_name"] for each in CONFIG if each in IN_AWS
    }

    assert len(stacks | {CONFIG["default"]["global"]["parameters"]["stack_name"]}) == 3
    assert {each["s3_prefix"] for each in found} == stacks
    assert len({tuple(each["tags"]) for each in found}) == 2


def test_what_runs_in_containers_is_configured_once() -> None:
    invoke = CONFIG["local"]["local_invoke"]["parameters"]
    api = CONFIG["local"]["local_start_api"]["parameters"]

    assert invoke.items() <= api.items()


def test_containers_run_what_was_built_for_them_with_the_files_that_were_written() -> None:
    given = CONFIG["local"]["local_invoke"]["parameters"]
    built = for_containers()

    assert ROOT / given["template_file"] == built.build / "template.yaml"
    assert ROOT / given["env_vars"] == STATE / containers.VARIABLES
    assert given["parameter_overrides"] == f"file://{STATE.name}/{containers.PARAMETERS}"
    assert given["region"] == REGION
    assert built.architecture == host_architecture()
    assert built.build != for_lambda(built.architecture).build  # which `sam deploy` takes
