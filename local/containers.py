"""What `sam local` has to know of the running stack; docs/operations.md has the commands."""

import json
from pathlib import Path

from local.cloud import STATE
from local.deploy import STACK_NAME
from local.resources import FUNCTION, resources
from local.stack import Stack

VARIABLES = "env.json"
PARAMETERS = "parameters.yaml"  # JSON, which YAML is, too: SAM reads the latter only
HOST_OF_CONTAINERS = "host.docker.internal"


def write(stack: Stack, folder: Path = STATE) -> None:
    """Write the two files that samconfig.toml names."""
    put(folder / VARIABLES, variables(stack))
    put(folder / PARAMETERS, parameters(stack))


def put(file: Path, values: object) -> None:
    """Write a file for SAM."""
    file.write_text(json.dumps(values, indent=2) + "\n", "utf-8")


def variables(stack: Stack) -> dict[str, dict[str, str]]:
    """Give each function, by its name in the template, the environment that it has in the stack."""
    pages = stack.client("lambda").get_paginator("list_functions").paginate()
    found = {
        each["FunctionName"]: each.get("Environment", {}).get("Variables", {})
        for page in pages
        for each in page["Functions"]
    }
    here = {"AWS_ENDPOINT_URL": endpoint_url(stack)}
    return {name: found[physical] | here for name, physical in functions(stack).items()}


def functions(stack: Stack) -> dict[str, str]:
    """Give each function's name in the cloud by its name in the template."""
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for each in resources(stack.client("cloudformation"), STACK_NAME)
        if each["ResourceType"] == FUNCTION
    }


def parameters(stack: Stack) -> dict[str, str]:
    """Give the stack's parameters, its processor among them, and where containers find it."""
    cloudformation = stack.client("cloudformation")
    (found,) = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"]
    given = {each["ParameterKey"]: each["ParameterValue"] for each in found["Parameters"]}
    return given | {"AwsEndpointUrl": endpoint_url(stack)}


def endpoint_url(stack: Stack) -> str:
    """Give the cloud's address as a container sees it."""
    return f"http://{HOST_OF_CONTAINERS}:{stack.cloud.port}"
