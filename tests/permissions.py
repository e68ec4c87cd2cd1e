"""What a function's code can ask of AWS, followed by name from its handler through the layer."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.architecture import ROOT, Function

FUNCTIONS = ROOT / "functions"
LAYER = ROOT / "layers/interchange"
# Which words of the code, each a client's method or a part of a transaction, need an action.
NEEDED_BY = {
    "dynamodb:BatchGetItem": {"batch_get_item"},
    "dynamodb:DeleteItem": {"delete_item", "Delete"},
    "dynamodb:DescribeTable": {"describe_table"},
    "dynamodb:GetItem": {"get_item"},
    "dynamodb:PutItem": {"put_item", "Put"},
    "dynamodb:Query": {"query"},
    "dynamodb:Scan": {"scan"},
    "dynamodb:UpdateItem": {"update_item", "Update"},
    "iam:PassRole": {"create_schedule"},
    "s3:AbortMultipartUpload": {"abort_multipart_upload"},
    "s3:DeleteObject": {"delete_object", "delete_objects"},
    "s3:GetObject": {"get_object", "head_object"},
    "s3:ListBucket": {"list_objects_v2"},
    "s3:PutObject": {"put_object", "upload_part", "generate_presigned_post"},
    "scheduler:CreateSchedule": {"create_schedule"},
    "secretsmanager:GetSecretValue": {"get_secret_value"},
    "ses:SendEmail": {"send_email"},
    "sns:Publish": {"publish_batch"},
    "sqs:ChangeMessageVisibility": {"change_message_visibility"},
    "sqs:DeleteMessage": {"delete_message"},
    "sqs:GetQueueAttributes": {"get_queue_attributes"},
    "sqs:ReceiveMessage": {"receive_message"},
    "sqs:SendMessage": {"send_message", "send_message_batch"},
}


class Place(NamedTuple):
    """A name of a module; the empty one is what a module does besides."""

    module: str
    name: str


def words(function: Function) -> set[str]:
    """Give the attributes and texts in all that a function's handler can reach."""
    modules = _modules(function.pattern)
    found: set[str] = set()
    seen: set[Place] = set()
    waiting = {Place(function.module, "handler")}
    while waiting:
        place = waiting.pop()
        seen |= {place}
        said, leads = _read(place, modules[place.module])
        found |= said
        known = {known for each in leads if (known := _located(each, modules))}
        waiting |= (known | {Place(place.module, "")}) - seen
    return found


@cache
def _modules(pattern: str) -> dict[str, Path]:
    paths = [*(FUNCTIONS / pattern).rglob("*.py"), *(LAYER / "interchange").rglob("*.py")]
    roots = {path: FUNCTIONS if path.is_relative_to(FUNCTIONS) else LAYER for path in paths}
    return {_dotted(path.relative_to(root)): path for path, root in roots.items()}


def _dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _located(dotted: str, modules: dict[str, Path]) -> Place | None:
    """Find the module in `interchange.store.put_new`, and which of its names is meant."""
    parts = dotted.split(".")
    for length in range(len(parts) - 1, 0, -1):
        if (module := ".".join(parts[:length])) in modules:
            return Place(module, parts[length])
    return None


@cache
def _read(place: Place, path: Path) -> tuple[set[str], set[str]]:
    """Give the words of a definition, and the dotted names that it leads to."""
    defined, imported = _definitions(path), _imports(path)
    names = {name: f"{place.module}.{name}" for name in defined} | imported
    said: set[str] = set()
    leads = {imported[place.name]} if place.name in imported else set()
    for node in defined.get(place.name, []):
        for each in ast.walk(node):
            said |= _said(each)
            leads |= set(_leads(each, names))
    return said, leads


def _said(node: ast.AST) -> set[str]:
    match node:
        case ast.Attribute(attr=word) | ast.Constant(value=str(word)):
            return {word}
    return set()


def _leads(node: ast.AST, names: dict[str, str]) -> Iterator[str]:
    rest = ""
    while isinstance(node, ast.Attribute):
        rest = f".{node.attr}{rest}"
        node = node.value
    if isinstance(node, ast.Name) and node.id in names:
        yield names[node.id] + rest


@cache
def _definitions(path: Path) -> dict[str, list[ast.stmt]]:
    found: dict[str, list[ast.stmt]] = {}
    for node in ast.parse(path.read_bytes()).body:
        for name in _defines(node):
            found.setdefault(name, []).append(node)
    return found


def _defines(node: ast.stmt) -> set[str]:
    match node:
        case ast.Import() | ast.ImportFrom():
            return set()
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign() | ast.AnnAssign():
            found = ast.walk(node)
            return {each.id for each in found if _is_stored(each) and isinstance(each, ast.Name)}
    return {""}


def _is_stored(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store)


@cache
def _imports(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {each.asname or each.name: each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return found
