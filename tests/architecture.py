"""template.yaml as the tests see it: read once, and resolved against names of their choice."""

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
ACCOUNT = "123456789012"
REGION = "us-east-1"

type Json = dict[str, Any]

_PSEUDO: dict[str, str | None] = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": "interchange",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": None,
}


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as their long ones."""


def _long_form(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> Json:
    match node:
        case yaml.ScalarNode():
            value: Any = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            raise TypeError(f"!{tag} of a mapping")
    if tag == "GetAtt":
        value = value.split(".", 1)
    return {tag if tag in {"Ref", "Condition"} else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _long_form)


@cache
def template() -> Json:
    """Read the template."""
    text = (ROOT / "template.yaml").read_bytes()
    found: Json = yaml.load(text, _Loader)
    return found


def resources(*types: str) -> dict[str, Json]:
    """Give the resources of these types by logical name; of every type where none is named."""
    found: dict[str, Json] = template()["Resources"]
    return {name: each for name, each in found.items() if not types or each["Type"] in types}


def properties(*types: str) -> dict[str, Json]:
    """Give the properties of the resources of these types by logical name."""
    return {name: each.get("Properties", {}) for name, each in resources(*types).items()}


@dataclass(frozen=True)
class Function:
    """A function; what it does not say for itself comes from Globals."""

    name: str
    properties: Json

    @property
    def module(self) -> str:
        """Name the module of its handler: `webhook.receive_webhook`."""
        return str(self.properties["Handler"]).removesuffix(".handler")

    @property
    def pattern(self) -> str:
        """Name the pattern's package: `webhook`."""
        return self.module.partition(".")[0]

    @property
    def code(self) -> ModuleType:
        """Give the module of its handler."""
        return importlib.import_module(self.module)

    @property
    def handler(self) -> Callable[[Json, Any], Any]:
        """Give the code that Lambda calls."""
        found: Callable[[Json, Any], Any] = self.code.handler
        return found

    @property
    def variables(self) -> Json:
        """Give its environment, unresolved."""
        found: Json = self.properties["Environment"]["Variables"]
        return found

    def events(self, type: str) -> list[Json]:
        """Give the properties of its event sources of one type."""
        found = self.properties.get("Events", {}).values()
        return [each["Properties"] for each in found if each["Type"] == type]


@cache
def functions() -> dict[str, Function]:
    """Give every function by logical name."""
    shared = template()["Globals"]["Function"]
    found = {}
    for name, own in properties("AWS::Serverless::Function").items():
        variables = shared["Environment"]["Variables"] | own["Environment"]["Variables"]
        layers = shared["Layers"] + own.get("Layers", [])
        merged = {"Environment": {"Variables": variables}, "Layers": layers}
        found[name] = Function(name, shared | own | merged)
    return found


def parameters(**overrides: str) -> dict[str, str]:
    """Give the template's parameters, at their defaults where nothing else is said."""
    defaults = {name: str(each["Default"]) for name, each in template()["Parameters"].items()}
    return defaults | overrides


@dataclass(frozen=True)
class Resolver:
    """Works CloudFormation's functions out; `names` has what `Ref` and `GetAtt` give."""

    parameters: dict[str, str]
    names: Mapping[str | tuple[str, str], str]

    def resolve(self, value: Any) -> Any:
        """Work `value` out; members that come to AWS::NoValue are left out."""
        if isinstance(value, list):
            return [self.resolve(each) for each in value]
        if not isinstance(value, dict):
            return value
        name, inner = next(iter(value.items()), ("", None))
        if name in self._functions:
            return self._functions[name](inner)
        members = {name: self.resolve(each) for name, each in value.items()}
        return {name: each for name, each in members.items() if each is not None}

    @property
    def _functions(self) -> dict[str, Callable[[Any], Any]]:
        return {
            "Ref": self._ref,
            "Fn::GetAtt": lambda path: self.names[path[0], path[1]],
            "Fn::Sub": lambda text: re.sub(r"\$\{([^}]+)\}", lambda each: self._sub(each[1]), text),
            "Fn::FindInMap": lambda path: self._in_map(*map(self.resolve, path)),
            "Fn::If": lambda given: self.resolve(given[1 if self._holds(given[0]) else 2]),
        }

    def _ref(self, name: str) -> str | None:
        known = _PSEUDO | self.parameters
        return known[name] if name in known else self.names[name]

    def _sub(self, name: str) -> str:
        owner, _, attribute = name.partition(".")
        return self.names[owner, attribute] if attribute else str(self._ref(name))

    def _in_map(self, name: str, first: str, second: str) -> Any:
        return template()["Mappings"][name][first][second]

    def _holds(self, condition: str) -> bool:
        return bool(self._truth(template()["Conditions"][condition]))

    def _truth(self, value: Any) -> Any:
        match value:
            case {"Fn::Not": [inner]}:
                return not self._truth(inner)
            case {"Fn::Equals": [one, other]}:
                return self.resolve(one) == self.resolve(other)
        raise TypeError(f"no condition that the tests know: {value}")
