"""The errors that a function can answer with: read from its source, followed through its calls.

Every definition that a handler mentions is looked at, and every one that those mention; an error
is found where it is made. What a `try` catches on the way is left out.
"""

import ast
import importlib
from collections.abc import Iterable, Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from interchange import errors
from interchange.errors import InterchangeError

ROOT = Path(__file__).parents[1]
SOURCES = (ROOT / "functions", ROOT / "layers/interchange")


class Refusal(NamedTuple):
    """A status with a code, and the words for people."""

    status: HTTPStatus
    code: str
    retryable: bool
    detail: str


class Module:
    """A module's definitions by name, and what its names mean."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        tree = ast.parse(path.read_bytes())
        self.definitions = {name: node for node in tree.body for name in _defined(node)}
        self._imports = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in tree.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    def meaning(self, node: ast.AST) -> str | None:
        """Give the dotted name of what a name or attribute means, None where that is not ours."""
        match node:
            case ast.Name(id=name) if name in self.definitions:
                return f"{self.name}.{name}"
            case ast.Name(id=name):
                return self._imports.get(name)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in self._imports:
                return f"{self._imports[name]}.{attribute}"
        return None


def _defined(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            yield name


@cache
def _module(name: str) -> Module | None:
    tail = Path(*name.split("."))
    found = (root / each for root in SOURCES for each in (f"{tail}.py", tail / "__init__.py"))
    return next((Module(name, path) for path in found if path.exists()), None)


def of_handler(module: str) -> list[Refusal]:
    """Give every refusal of a module's handler, in a stable order, each code once."""
    return of(f"{module}.handler")


def of(dotted: str) -> list[Refusal]:
    """Give every refusal of a definition, in a stable order, each code once."""
    found = {(each.status, each.code): each for each in sorted(_of(dotted))}
    return list(found.values())


_seen: dict[str, frozenset[Refusal]] = {}


def _of(dotted: str) -> frozenset[Refusal]:
    """Give the refusals of a definition; of one that mentions itself, without the detour."""
    if dotted not in _seen:
        _seen[dotted] = frozenset()
        owner, _, name = dotted.rpartition(".")
        module = _module(owner)
        node = module.definitions.get(name) if module else None
        if module and node and module.name != errors.__name__:
            _seen[dotted] = frozenset(_in(module, node, _assigned(node)))
    return _seen[dotted]


def _in(module: Module, node: ast.AST, assigned: list[ast.Assign]) -> Iterator[Refusal]:
    match node:
        case ast.Try(body=body, handlers=handlers):
            caught = tuple(_caught(module, handlers))
            for found in _in_all(module, body, assigned):
                if not issubclass(_class_of(found), caught):
                    yield found
            yield from _in_all(module, [*handlers, *node.orelse, *node.finalbody], assigned)
            return
        case ast.Call(func=func):
            error = _error(module.meaning(func))
            if error is not None:
                yield _made(error, node, assigned)
    if dotted := module.meaning(node):
        yield from _of(dotted)
    yield from _in_all(module, ast.iter_child_nodes(node), assigned)


def _in_all(
    module: Module, nodes: Iterable[ast.AST], assigned: list[ast.Assign]
) -> Iterator[Refusal]:
    for node in nodes:
        yield from _in(module, node, assigned)


def _caught(module: Module, handlers: list[ast.ExceptHandler]) -> Iterator[type[InterchangeError]]:
    types = (handler.type for handler in handlers if handler.type)
    found = (_error(module.meaning(each)) for each in types)
    return (each for each in found if each is not None)


def _error(dotted: str | None) -> type[InterchangeError] | None:
    owner, _, name = (dotted or "").rpartition(".")
    if owner != errors.__name__:
        return None
    found = getattr(importlib.import_module(owner), name)
    return found if issubclass(found, InterchangeError) else None


def _class_of(refusal: Refusal) -> type[InterchangeError]:
    tree = InterchangeError.__subclasses__()
    return next((each for each in tree if each.status == refusal.status), InterchangeError)


def _made(error: type[InterchangeError], call: ast.Call, assigned: list[ast.Assign]) -> Refusal:
    given = {each.arg: each.value for each in call.keywords}
    code = given.get("code")
    return Refusal(
        error.status,
        str(code.value) if isinstance(code, ast.Constant) else error.code,
        error.retryable,
        _text(call.args[0], assigned) or str(error.__doc__),
    )


def _assigned(definition: ast.stmt) -> list[ast.Assign]:
    """Give a definition's assignments, the last first: a long detail has a name of its own."""
    found = [each for each in ast.walk(definition) if isinstance(each, ast.Assign)]
    return sorted(found, key=lambda each: -each.lineno)


def _text(node: ast.expr, assigned: list[ast.Assign]) -> str | None:
    """Read a detail; what is only known when it happens becomes an ellipsis."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text(each, []) or "…" for each in values)
        case ast.Name(id=name):
            before = (each for each in assigned if each.lineno < node.lineno)
            named = (each.value for each in before if _named(each.targets[0], name))
            return next((_text(each, []) for each in named), None)
    return None


def _named(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name
