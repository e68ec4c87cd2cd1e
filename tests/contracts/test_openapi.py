"""The API's description says what the code does, all of it, and nothing else."""

import ast
import base64
import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from batch_processing import jobs
from batch_processing.importing import progress
from batch_processing.reports import days
from batch_processing.reports import document as reported
from batch_processing.reports import rows as report_rows
from batch_processing.syncing import runs
from batch_processing.syncing import shown as shown_runs
from batch_processing.syncing.feeds import Feed
from interchange import clock, envelope, errors, products, scopes, tasks, users
from interchange.trace import Trace
from interchange.windows import Window
from message_queue import representation
from openapi import document, routes
from publish_subscribe import replays
from publish_subscribe.event_log import Wanted
from request_response import get_docs, get_openapi
from tests.architecture import ROOT, Json, functions, properties
from tests.aws_events import request
from webhook.delivering import deliveries, endpoint_rows, endpoints
from webhook.delivering import replays as webhook_replays
from webhook.delivering.endpoint_fields import NewEndpoint

DOCUMENT = document.build()
PATHS: Json = DOCUMENT["paths"]
COMPONENTS: Json = DOCUMENT["components"]
# The document itself, and the page that shows it.
UNSHOWN = ({"type": "object"}, {"type": "string"})
EXPORT = "export --quiet --frozen --only-group docs --no-emit-project --no-header --no-annotate"

TRACE = Trace("story-1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
AT = "2026-01-15T09:30:00.000Z"
MAIL = {"recipient": "ada@example.com", "subject": "Welcome!"}


def served() -> dict[tuple[str, str], Json]:
    """Give the template's routes that are for callers, with their properties."""
    found = (event for each in functions().values() for event in each.events("Api"))
    return {(each["Method"], each["Path"]): each for each in found if "proxy" not in each["Path"]}


def operations() -> dict[tuple[str, str], Json]:
    return {(method, path): each for path in PATHS for method, each in PATHS[path].items()}


every_operation = pytest.mark.parametrize(
    "operation", operations().values(), ids=lambda each: each["operationId"]
)


def resolved(part: Json) -> Json:
    """Follow a reference into components."""
    if "$ref" not in part:
        return part
    found: Json = DOCUMENT
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def refusals(response: Json) -> set[tuple[int, str]]:
    """Give the codes that a response may have, each with its status."""
    found = resolved(response).get("content", {}).get("application/problem+json")
    if found is None:
        return set()
    narrowed = found["schema"]["properties"]
    return {(narrowed["status"]["const"], code) for code in narrowed["code"]["enum"]}


def described() -> set[tuple[int, str]]:
    inside = (
        each for operation in operations().values() for each in operation["responses"].values()
    )
    return {
        pair for each in [*inside, *COMPONENTS["responses"].values()] for pair in refusals(each)
    }


def raised() -> Iterator[tuple[int, str]]:
    """Find where the code makes an error: its status, with the code it is given or has."""
    sources = [ROOT / "functions", ROOT / "layers/interchange"]
    for path in (path for root in sources for path in root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            error = getattr(errors, name, None)
            if isinstance(error, type) and issubclass(error, errors.InterchangeError):
                given = [each.value for each in node.keywords if each.arg == "code"]
                codes = [each.value for each in given if isinstance(each, ast.Constant)]
                yield int(error.status), str(codes[0]) if codes else error.code


def conforms(value: Any, schema: Json) -> bool:
    whole = {**schema, "components": {"schemas": COMPONENTS["schemas"]}}
    jsonschema_rs.validate(whole, value)
    return True


def test_the_file_is_what_the_code_and_the_template_say() -> None:
    written = document.FILE.read_text(encoding="utf-8")

    assert written == document.text(), "`make openapi` writes it anew"


def test_the_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")

    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_every_route_is_described_and_nothing_else() -> None:
    assert operations().keys() == served().keys()


@pytest.mark.parametrize(("route", "operation"), operations().items())
def test_an_operation_needs_a_key_where_its_route_does(
    route: tuple[str, str], operation: Json
) -> None:
    keyed = served()[route].get("Auth", {}).get("ApiKeyRequired", True)
    token = {"token": [scopes.needed(route[0].upper(), route[1])]}

    assert operation["security"] == ([{"apiKey": []}, {"apiKey": [], **token}] if keyed else [])
    assert ("403" in operation["responses"]) == keyed


def test_every_error_that_the_code_makes_is_described_and_no_other() -> None:
    gateways = {(int(each.status), each.code) for each in routes.gateway()}

    assert described() == set(raised()) | gateways


def test_the_gateways_refusals_are_described() -> None:
    declared = properties("AWS::Serverless::Api")["Api"]["GatewayResponses"]

    assert {(int(each.status), each.code) for each in routes.gateway()} <= described()
    assert len(declared) == len(routes.gateway())


def bodies(operation: Json) -> list[Json]:
    """Give the bodies that an operation takes and answers with, in every media type."""
    parts = [operation.get("requestBody", {}), *operation["responses"].values()]
    return [body for part in parts for body in resolved(part).get("content", {}).values()]


@every_operation
def test_an_example_conforms_to_its_schema(operation: Json) -> None:
    for body in bodies(operation):
        for example in body.get("examples", {}).values():
            assert conforms(resolved(example)["value"], body["schema"])


@every_operation
def test_an_operation_shows_an_example_of_what_it_takes_and_of_every_refusal(
    operation: Json,
) -> None:
    shown = [each for each in bodies(operation) if each["schema"] not in UNSHOWN]

    assert all(each["examples"] for each in shown)


def answers() -> dict[str, Any]:
    """Give what the code makes of rows, by the schema's name."""
    product = products.Product(name="Cup", category="kitchen", price=1, currency="EUR")
    user = users.row(email="a@b.co", name="Ada", origin="registered", now=AT, trace=TRACE)
    task = tasks.row(
        id=f"tsk_{'0' * 32}", type="email_notification", payload=MAIL, now=AT, trace=TRACE
    )
    moment = clock.parse(AT)
    expires = int((moment + timedelta(days=1)).timestamp())
    asked: Json = {"mode": "create", "dry_run": False, "notify": False}
    asked |= {"delimiter": None, "encoding": None, "max_errors": None}
    about: Json = {"entity": "users", "format": "csv", "asked": asked, "days": 1}
    job = jobs.new_job(f"job_{'0' * 32}", **about, now=moment, trace=TRACE)
    feed, asked = Feed("https://b.co/", "", "", "csv", "full"), {"allow_shrink": False}
    asked |= {"from_start": False}
    given: Json = {"trigger": "request", "asked": asked, "now": moment, "days": 1}
    run = runs.new(f"job_{'0' * 32}", feed, **given, trace=TRACE)
    event = envelope.Event(
        id="evt-1", source="/here", type="it", topic="things", time=AT, data=[1], trace=TRACE
    )
    replay = replays.new(
        f"rpl_{'0' * 32}",
        Wanted("things", Window(AT, AT), "it"),
        subscriber="welcome_user",
        events_per_second=1,
        now=moment,
        retention=timedelta(days=1),
        trace=TRACE,
    )
    created = NewEndpoint(url="https://1.1.1.1/")
    endpoint, secret = endpoint_rows.new(created, id=f"ep_{'0' * 32}", now=moment, trace=TRACE)
    delivery = deliveries.row(event, endpoint, kept_as="evt", now=moment, expires_epoch=expires)
    endpoint_replay = webhook_replays.row(
        f"job_{'0' * 32}",
        endpoint["id"],
        since=AT,
        statuses=["skipped"],
        now=moment,
        expires_epoch=expires,
        trace=TRACE,
    )
    shown = endpoints.representation(endpoint)
    day = days.of(date(2026, 1, 15), "UTC")
    counted = {
        "task:it:dead": 1,
        "currency:eur": 1,
        "amount:eur": 5,
        "topic:things": 2,
        "hour:3": 2,
    }
    report = reported.make(day, counted, run=1, made_at=AT)
    return {
        "Endpoint": shown,
        "CreatedEndpoint": shown | {"secret": secret["secret"]},
        "Delivery": deliveries.representation(delivery),
        "EndpointReplay": webhook_replays.representation(endpoint_replay),
        "Product": products.row("cup", product, now=AT),
        "User": users.representation(user),
        "Task": representation.representation(task),
        "Import": progress.of_new(job),
        "ImportSummary": progress.summary(job, now=moment),
        "Sync": shown_runs.whole(run, [], now=moment),
        "SyncSummary": shown_runs.summary(run),
        "Event": json.loads(event.to_json()),
        "Replay": replays.representation(replay),
        "Report": report | {"week": reported.week({}, ["2026-01-14"], report)},
        "ReportJob": report_rows.shown(report_rows.new(day, now=moment, trace=TRACE)),
    }


@pytest.mark.parametrize(("name", "answer"), answers().items())
def test_what_the_code_answers_conforms_to_its_schema(name: str, answer: Any) -> None:
    assert conforms(answer, {"$ref": f"#/components/schemas/{name}"})


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("Task", (*representation._PUBLIC, "failures", "progress", "result")),
        ("User", users._PUBLIC),
        ("Delivery", deliveries._SHOWN),
    ],
)
def test_a_resources_members_are_those_that_the_code_shows(
    name: str, public: tuple[str, ...]
) -> None:
    assert COMPONENTS["schemas"][name]["properties"].keys() == set(public)


@pytest.mark.parametrize("schema", COMPONENTS["schemas"].values(), ids=COMPONENTS["schemas"].keys())
def test_an_object_of_ours_has_no_unknown_members(schema: Json) -> None:
    if "specversion" in schema.get("properties", {}):
        return  # an event has its publisher's extensions, too
    assert schema.get("additionalProperties", False) is False or "properties" not in schema
    assert "properties" not in schema or "additionalProperties" in schema


def test_what_serves_traffic_imports_nothing_of_the_generator() -> None:
    sources = [ROOT / "functions", ROOT / "layers"]
    texts = (path.read_text(encoding="utf-8") for root in sources for path in root.rglob("*.py"))

    assert not any(re.search(r"^\s*(from|import) openapi\b", each, re.MULTILINE) for each in texts)


def test_what_the_docs_layer_ships_is_what_uv_lock_says() -> None:
    uv = ROOT / ".local/env/uv/bin/uv"

    exported = subprocess.run([uv, *EXPORT.split()], cwd=ROOT, capture_output=True, check=True)

    assert (ROOT / "layers/docs/requirements.txt").read_bytes() == exported.stdout


def test_the_description_is_served_as_it_is_written() -> None:
    answer = get_openapi.handler(request("GET", "/openapi.json"), None)

    assert answer["body"] == document.text()
    assert answer["headers"]["Content-Type"] == "application/json"


@pytest.mark.parametrize("module", [get_openapi, get_docs])
def test_a_caller_that_has_it_is_told_so(module: Any) -> None:
    etag = module.handler(request("GET", "/x"), None)["headers"]["ETag"]

    again = module.handler(request("GET", "/x", headers={"If-None-Match": f"W/{etag}"}), None)

    assert (again["statusCode"], again["body"]) == (304, "")
    assert again["headers"]["ETag"] == etag


def test_the_page_runs_its_one_script_and_loads_nothing_from_elsewhere() -> None:
    page = get_docs.handler(request("GET", "/docs"), None)["body"]

    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page
    assert "default-src 'none'" in page
    assert not re.search(r"""<(script|link|img)[^>]*(src|href)=["']?http""", page)
    assert 'url: "openapi.json"' in script
    assert len(page.encode()) < 5_000_000  # Lambda answers with 6 MB at most, JSON included
