"""What the template says of the code, and the code of itself."""

import ast
import dataclasses
import importlib
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.architecture import ROOT, Function, functions, properties

FUNCTIONS = ROOT / "functions"
LAYER = ROOT / "layers/interchange/interchange"
PATTERNS = sorted(each.name for each in FUNCTIONS.iterdir() if (each / "__init__.py").exists())

# Read by what the functions stand on, not by their Settings.
NOT_SETTINGS = {
    "ALLOWED_ORIGIN",
    "AWS_ENDPOINT_URL",
    "JWT_ALLOW_LOCAL",
    "JWT_AUDIENCE",
    "JWT_ISSUER",
    "JWT_JWKS_URL",
    "JWT_SCOPE_PREFIX",
    "METRICS_NAMESPACE",
    "SERVICE",
}

TABLES = properties("AWS::DynamoDB::Table")
EXPIRY = "TimeToLiveSpecification"
# Where a row has an expiry from its end on: who ends rows.
WHO_ENDS = {"TasksTable": ["RunTaskFunction", "CancelTaskFunction", "EraseUserTasksFunction"]}

every_function = pytest.mark.parametrize("function", functions().values(), ids=functions().keys())


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def imported(path: Path) -> set[str]:
    """Name every module that a file imports; `from a import b` may mean a module too."""
    names: set[str] = set()
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{each.name}" for each in node.names} | {str(node.module)}
    return names


def modules_in(folder: Path, root: Path) -> dict[str, Path]:
    """Give the modules in a folder by dotted name."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(folder.rglob("*.py"))
    }


def modules_of(pattern: str) -> dict[str, Path]:
    return modules_in(FUNCTIONS / pattern, FUNCTIONS)


def reachable(function: Function) -> dict[str, Path]:
    """Give the modules of its pattern and of the layer that a function imports, and its own."""
    modules = modules_of(function.pattern) | modules_in(LAYER, LAYER.parent)
    found: dict[str, Path] = {}
    waiting = {function.module}
    while waiting:
        name = waiting.pop()
        found[name] = modules[name]
        waiting |= (imported(modules[name]) & modules.keys()) - found.keys()
    return found


def settings_of(function: Function) -> set[str]:
    """Name the variables that a function's Settings, and those of its modules, are read from."""
    found = (
        getattr(importlib.import_module(each), "Settings", None) for each in reachable(function)
    )
    classes = [each for each in found if each is not None]
    return {field.name.upper() for each in classes for field in dataclasses.fields(each)}


def has_handler(path: Path) -> bool:
    return any(
        isinstance(node, ast.FunctionDef) and node.name == "handler" for node in syntax(path).body
    )


@every_function
def test_a_handler_resolves_and_carries_its_resources_name(function: Function) -> None:
    verb_noun = function.module.rpartition(".")[2]

    assert callable(function.handler)
    assert function.properties["Handler"] == f"{function.module}.handler"
    assert function.name == "".join(map(str.capitalize, verb_noun.split("_"))) + "Function"


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_module_with_a_handler_is_a_function_of_the_template(pattern: str) -> None:
    written = {name for name, path in modules_of(pattern).items() if has_handler(path)}

    assert written == {each.module for each in functions().values() if each.pattern == pattern}


@every_function
def test_a_functions_settings_and_its_environment_in_the_template_agree(function: Function) -> None:
    assert function.variables.keys() - NOT_SETTINGS == settings_of(function)


@every_function
def test_a_functions_service_is_its_pattern(function: Function) -> None:
    assert function.variables["SERVICE"] == function.pattern.replace("_", "-")


def test_every_handler_imports_with_an_empty_environment() -> None:
    modules = [each.module for each in functions().values()]
    imports = "\n".join(f"import {each}" for each in modules)
    paths = [str(FUNCTIONS), str(LAYER.parent)]

    code = f"import sys; sys.path[:0] = {paths}\n{imports}"
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], env={}, check=False)

    assert run.returncode == 0


def test_the_layer_imports_no_pattern() -> None:
    found = {name.partition(".")[0] for path in LAYER.rglob("*.py") for name in imported(path)}

    assert not found & set(PATTERNS)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_imports_no_other(pattern: str) -> None:
    paths = modules_of(pattern).values()
    found = {name.partition(".")[0] for path in paths for name in imported(path)}

    assert not found & set(PATTERNS) - {pattern}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_shadows_no_module_of_python_or_of_a_dependency(pattern: str) -> None:
    installed = {each.name.partition(".")[0] for each in Path(pytest.__file__).parents[1].iterdir()}

    assert pattern not in sys.stdlib_module_names | installed


def puts_into(function: Function, table: str) -> bool:
    """Say whether a function's policies let it put rows into a table."""
    statements = [
        each for found in function.properties.get("Policies", []) for each in found["Statement"]
    ]
    return any(
        "dynamodb:PutItem" in each["Action"] and each["Resource"] == {"Fn::GetAtt": [table, "Arn"]}
        for each in statements
    )


def texts_of(function: Function) -> set[object]:
    nodes = (node for path in reachable(function).values() for node in ast.walk(syntax(path)))
    return {node.value for node in nodes if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("table", [name for name, each in TABLES.items() if EXPIRY in each])
def test_whoever_writes_to_a_table_that_expires_writes_its_expiry(table: str) -> None:
    writers = [each for each in functions().values() if puts_into(each, table)]
    if table in WHO_ENDS:  # a row that lives on has no expiry
        writers = [functions()[each] for each in WHO_ENDS[table]]

    attribute = TABLES[table][EXPIRY]["AttributeName"]
    assert writers
    assert [each.name for each in writers if attribute not in texts_of(each)] == []
