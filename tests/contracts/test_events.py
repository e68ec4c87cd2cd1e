"""Every file in events/ runs through its function, against rows that a stack may have."""

import base64
import json
import re
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import stripe

from batch_processing import jobs
from batch_processing.exporting import exports
from batch_processing.reports import files as report_files
from batch_processing.syncing import runs, turns
from batch_processing.syncing.feeds import Feed
from interchange import aws, clock, envelope, items, store, tasks, users
from interchange.trace import Trace
from interchange.windows import Window
from message_queue.recurring import recurrence, schedules
from message_queue.steering import sweeps
from publish_subscribe import event_rows, replays
from publish_subscribe.event_log import Wanted
from tests.architecture import ROOT, Json, functions
from tests.moto_cloud import Cloud
from webhook.delivering import endpoint_rows, endpoints
from webhook.delivering.endpoint_fields import NewEndpoint

EVENTS = ROOT / "events"
TRACE = Trace("story-1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
AT = "2026-01-15T09:30:00.000Z"
NEVER = 4_102_444_800  # the year 2100
JOB = "job_0192f0c1a2b37c4d8e5f60718293a4b5"
SYNC = "job_0192f0c1a2b37c4d8e5f60718293a4c1"
EXPORT = "job_0192f0c1a2b37c4d8e5f60718293a4c5"
TASK = "tsk_0192f0c1a2b37c4d8e5f60718293a4b6"
REPLAY = "rpl_0192f0c1a2b37c4d8e5f60718293a4b9"
ENDPOINT = "ep_0192f0c1a2b37c4d8e5f60718293a4b8"
DEAD = "tsk_0192f0c1a2b37c4d8e5f60718293a4bd"
SCHEDULE = "sch_0192f0c1a2b37c4d8e5f60718293a4b8"
REDRIVE = "swp_0192f0c1a2b37c4d8e5f60718293a4b9"
EVENT = "evt_0192f0c1a2b37c4d8e5f60718293a4b7"
CSV = b'email,name\ngrace@example.com,Grace\n"ada@example.com","Lovelace, Ada"\nnobody,Nobody\n'
STRIPE_SECRET = "whsec_test_secret"


class Answer(NamedTuple):
    """What a caller gets."""

    status: int
    code: str | None = None


class Batch(NamedTuple):
    """What SQS gets: how many messages are to come back."""

    failures: int = 0


# Stream and S3 events have no answer.
CARRIED = None

# What each event answers, and how many rows and messages it leaves behind where.
EXPECTED: dict[str, tuple[Answer | Batch | None, dict[str, int]]] = {
    "request_response/check_health.ok": (Answer(200), {}),
    "request_response/refuse_route.unknown_path": (Answer(404, "route_not_found"), {}),
    "request_response/refuse_route.wrong_method": (Answer(405, "method_not_allowed"), {}),
    "request_response/refuse_route.preflight": (Answer(204), {}),
    "request_response/get_docs.ok": (Answer(200), {}),
    "request_response/get_openapi.ok": (Answer(200), {}),
    "request_response/list_products.first_page": (Answer(200), {}),
    "request_response/put_product.new": (Answer(201), {"ProductsTable": 1}),
    "request_response/put_product.unconditional": (Answer(428, "precondition_required"), {}),
    "request_response/delete_product.any_state": (Answer(204), {"ProductsTable": -1}),
    "request_response/delete_product.changed_since": (Answer(412, "precondition_failed"), {}),
    "request_response/get_inventory.found": (Answer(200), {}),
    "request_response/adjust_inventory.sold": (
        Answer(201),
        {"AdjustmentsTable": 1, "IdempotencyTable": 1},
    ),
    "request_response/adjust_inventory.too_many": (Answer(409, "insufficient_stock"), {}),
    "request_response/get_product.found": (Answer(200), {}),
    "request_response/get_product.unknown": (Answer(404, "product_not_found"), {}),
    "request_response/register_user.new": (Answer(201), {"UsersTable": 1}),
    "request_response/register_user.registered_before": (Answer(409, "user_exists"), {}),
    "request_response/register_user.no_address": (Answer(422, "validation_failed"), {}),
    "request_response/get_user.registered": (Answer(200), {}),
    "request_response/list_users.first_page": (Answer(200), {}),
    "request_response/delete_user.registered": (Answer(204), {"UsersTable": -1}),
    "request_response/publish_user_events.deleted": (
        CARRIED,
        {
            "EventLogQueue": 1,
            "EraseUserEventsQueue": 1,
            "EraseUserTasksQueue": 1,
            "FanOutEventQueue": 1,
            "EraseUserDeliveriesQueue": 1,
        },
    ),
    "request_response/publish_user_events.registered": (
        CARRIED,
        {"EventLogQueue": 1, "WelcomeQueue": 1, "FanOutEventQueue": 1},
    ),
    "request_response/publish_user_events.updated": (
        CARRIED,
        {"EventLogQueue": 1, "FanOutEventQueue": 1},
    ),
    "publish_subscribe/publish_events.accepted": (
        Answer(202),
        {"EventLogQueue": 1, "FanOutEventQueue": 1},
    ),
    "publish_subscribe/publish_events.unknown_topic": (Answer(404, "topic_not_found"), {}),
    "publish_subscribe/publish_events.array": (
        Answer(207),
        {"EventLogQueue": 1, "FanOutEventQueue": 1},
    ),
    "publish_subscribe/publish_events.cloud_event": (
        Answer(202),
        {"EventLogQueue": 1, "FanOutEventQueue": 1, "IdempotencyTable": 1},
    ),
    "publish_subscribe/put_topic.new": (Answer(201), {"TopicsTable": 1}),
    "publish_subscribe/put_topic.no_schema_of_ours": (Answer(422, "schema_invalid"), {}),
    "publish_subscribe/get_topic.built_in": (Answer(200), {}),
    "publish_subscribe/list_topics.first_page": (Answer(200), {}),
    "publish_subscribe/sequence_events.ordered": (Batch(), {"SequencesTable": 2}),
    "publish_subscribe/get_event.logged": (Answer(200), {}),
    "publish_subscribe/log_event.published": (Batch(), {}),  # it is in the log already
    "publish_subscribe/welcome_user.registered": (Batch(), {"TasksTable": 1}),
    "publish_subscribe/erase_user_events.deleted": (Batch(), {"EventsTable": -1}),
    "publish_subscribe/list_events.first_page": (Answer(200), {}),
    "publish_subscribe/list_events.no_topic": (Answer(400, "bad_topic"), {}),
    "publish_subscribe/start_replay.to_one": (Answer(202), {"ReplaysTable": 1}),
    "publish_subscribe/start_replay.unknown_subscriber": (Answer(404, "subscriber_not_found"), {}),
    "publish_subscribe/list_replays.first_page": (Answer(200), {}),
    "publish_subscribe/get_replay.queued": (Answer(200), {}),
    "publish_subscribe/cancel_replay.queued": (Answer(200), {}),
    "publish_subscribe/dispatch_replays.queued": (CARRIED, {"ReplaysQueue": 1}),
    "publish_subscribe/run_replay.due": (Batch(), {"WelcomeQueue": 1, "FanOutEventQueue": 1}),
    "publish_subscribe/list_subscribers.all": (Answer(200), {}),
    "publish_subscribe/redrive_subscriber.welcome": (
        Answer(200),
        {"WelcomeQueue": 1, "WelcomeDeadLetterQueue": -1},
    ),
    "webhook/receive_webhook.stale_signature": (Answer(401, "signature_stale"), {}),
    "webhook/receive_webhook.unsigned": (Answer(401, "signature_missing"), {}),
    "webhook/receive_webhook.unknown_source": (Answer(404, "source_not_found"), {}),
    "webhook/publish_received.replayed": (CARRIED, {"FanOutEventQueue": 1}),  # logged already
    "webhook/list_received.first_page": (Answer(200), {}),
    "webhook/get_received.kept": (Answer(200), {}),
    "webhook/get_received.unknown": (Answer(404, "webhook_not_found"), {}),
    "webhook/replay_received.kept": (Answer(202), {}),
    "webhook/replay_received.unknown": (Answer(404, "webhook_not_found"), {}),
    "webhook/publish_received.payment": (CARRIED, {"EventLogQueue": 1, "FanOutEventQueue": 1}),
    "webhook/create_endpoint.new": (
        Answer(201),
        {"EndpointsTable": 1, "EndpointSecretsTable": 1, "DeliveriesTable": 1},
    ),
    "webhook/create_endpoint.private_address": (Answer(422, "url_forbidden"), {}),
    "webhook/create_endpoint.bad_filter": (Answer(422, "validation_failed"), {}),
    "webhook/list_endpoints.first_page": (Answer(200), {}),
    "webhook/get_endpoint.active": (Answer(200), {}),
    "webhook/get_endpoint.unknown": (Answer(404, "endpoint_not_found"), {}),
    "webhook/update_endpoint.disabled": (Answer(200), {"DeliveriesTable": 1}),
    "webhook/update_endpoint.changed_since": (Answer(412, "precondition_failed"), {}),
    "webhook/delete_endpoint.any_state": (
        Answer(204),
        {"EndpointsTable": -1, "EndpointSecretsTable": -1, "DeliveriesTable": 1},
    ),
    "webhook/get_endpoint_secret.shown": (Answer(200), {}),
    "webhook/rotate_endpoint_secret.new": (Answer(201), {}),
    "webhook/try_endpoint.event": (Answer(200), {}),
    "webhook/replay_endpoint.missed": (Answer(202), {"DeliveriesTable": 1}),
    "webhook/get_endpoint_replay.running": (Answer(200), {}),
    "webhook/list_deliveries.of_endpoint": (Answer(200), {}),
    "webhook/list_deliveries.bad_status": (Answer(400, "bad_status"), {}),
    "webhook/get_delivery.pending": (Answer(200), {}),
    "webhook/retry_delivery.not_at_rest": (Answer(409, "delivery_not_at_rest"), {}),
    "webhook/fan_out_event.published": (Batch(), {"DeliveriesTable": 1}),  # it keeps the event
    "webhook/fan_out_ordered_event.published": (Batch(), {"DeliveriesTable": 1}),  # the same
    "webhook/dispatch_deliveries.pending": (CARRIED, {"DeliveriesQueue": 1}),
    "webhook/dispatch_deliveries.in_hours": (CARRIED, {}),  # a schedule
    "webhook/dispatch_deliveries.replay": (CARRIED, {"EndpointReplaysQueue": 1}),
    "webhook/deliver_webhook.due": (Batch(), {"DeliveriesTable": 2}),  # an attempt, the health
    "webhook/run_endpoint_replay.running": (Batch(), {}),
    "webhook/announce_endpoints.disabled": (CARRIED, {"EventLogQueue": 1, "FanOutEventQueue": 1}),
    "webhook/announce_endpoints.deleted": (CARRIED, {"EraseEndpointDeliveriesQueue": 1}),
    "webhook/erase_endpoint_deliveries.deleted": (Batch(), {"DeliveriesTable": -1}),
    "webhook/erase_user_deliveries.deleted": (Batch(), {"DeliveriesTable": -1}),
    "batch_processing/start_import.csv": (Answer(202), {"ImportsTable": 1}),
    "batch_processing/start_import.json_lines": (Answer(202), {"ImportsTable": 1}),
    "batch_processing/start_import.empty": (Answer(400, "body_empty"), {}),
    "batch_processing/start_upload.csv": (Answer(201), {"ImportsTable": 1}),
    "batch_processing/list_imports.first_page": (Answer(200), {}),
    "batch_processing/get_import.running": (Answer(200), {}),
    "batch_processing/get_import.unknown": (Answer(404, "import_not_found"), {}),
    "batch_processing/cancel_import.running": (Answer(202), {}),
    "batch_processing/retry_import.running": (Answer(409, "nothing_to_resume"), {}),
    "batch_processing/get_results.running": (Answer(409, "results_not_ready"), {}),
    "batch_processing/take_upload.arrived": (CARRIED, {}),  # it has come already
    "batch_processing/take_upload.foreign_file": (CARRIED, {}),
    "batch_processing/take_upload.test_event": (CARRIED, {}),
    "batch_processing/advance_import.file_arrived": (CARRIED, {"StepsQueue": 1}),
    "batch_processing/advance_import.chunk_done": (CARRIED, {}),
    "batch_processing/advance_import.job_ended": (
        CARRIED,
        {"EventLogQueue": 1, "FanOutEventQueue": 1},
    ),
    "batch_processing/step_import.past": (Batch(), {}),  # its file is planned already
    "batch_processing/import_chunk.due": (Batch(), {"ImportsTable": 1, "UsersTable": 1}),
    "batch_processing/start_sync.no_feed": (Answer(409, "no_feed"), {}),
    "batch_processing/start_sync.no_truth": (Answer(422, "validation_failed"), {}),
    "batch_processing/start_due_sync.tick": (CARRIED, {}),  # no feed is configured
    "batch_processing/list_syncs.first_page": (Answer(200), {}),
    "batch_processing/get_sync.planning": (Answer(200), {}),
    "batch_processing/get_sync.unknown": (Answer(404, "sync_not_found"), {}),
    "batch_processing/cancel_sync.planning": (Answer(200), {}),
    "batch_processing/dispatch_syncs.started": (CARRIED, {"SyncStepsQueue": 1}),
    "batch_processing/step_sync.no_feed": (Batch(), {}),  # there was one: the run fails
    "batch_processing/start_report.not_over": (Answer(409, "day_not_over"), {}),
    "batch_processing/start_report.not_kept": (Answer(409, "day_not_kept"), {}),
    "batch_processing/list_reports.first_page": (Answer(200), {}),
    "batch_processing/get_report.made": (Answer(200), {}),
    "batch_processing/get_report.page": (Answer(200), {}),
    "batch_processing/get_report.latest": (Answer(200), {}),
    "batch_processing/get_report.unknown": (Answer(404, "report_not_found"), {}),
    "batch_processing/dispatch_reports.opened": (CARRIED, {"ReportsQueue": 1}),
    "batch_processing/make_report.tick": (Batch(), {}),  # the days before are reported, or gone
    "batch_processing/make_report.step": (Batch(), {}),
    "batch_processing/start_export.gzip": (Answer(202), {"ExportsTable": 9}),  # and its segments
    "batch_processing/start_export.unknown_column": (Answer(422, "validation_failed"), {}),
    "batch_processing/list_exports.first_page": (Answer(200), {}),
    "batch_processing/get_export.running": (Answer(200), {}),
    "batch_processing/get_export.unknown": (Answer(404, "export_not_found"), {}),
    "batch_processing/cancel_export.running": (Answer(202), {}),
    "batch_processing/get_export_results.running": (Answer(409, "results_not_ready"), {}),
    "batch_processing/advance_export.segment_begun": (CARRIED, {"ExportStepsQueue": 1}),
    "batch_processing/advance_export.job_ended": (
        CARRIED,
        {"ExportStepsQueue": 1, "EventLogQueue": 1, "FanOutEventQueue": 1},
    ),
    "batch_processing/step_export.segment": (Batch(), {"ExportsTable": 1}),  # its piece
    "batch_processing/step_export.past": (Batch(), {}),
    "message_queue/enqueue_task.email": (Answer(202), {"TasksTable": 1}),
    "message_queue/enqueue_task.unknown_type": (Answer(422, "task_type_unknown"), {}),
    "message_queue/get_task.queued": (Answer(200), {}),
    "message_queue/dispatch_tasks.queued": (CARRIED, {"TasksQueue": 1}),
    "message_queue/dispatch_tasks.dead": (CARRIED, {"TasksDeadLetterQueue": 1}),
    "message_queue/enqueue_task.several": (Answer(207), {"TasksTable": 1}),
    "message_queue/list_tasks.queued": (Answer(200), {}),
    "message_queue/list_dead_tasks.first_page": (Answer(200), {}),
    "message_queue/cancel_task.queued": (Answer(200), {}),
    "message_queue/cancel_task.dead": (Answer(200), {}),
    "message_queue/redrive_task.dead": (Answer(202), {}),
    "message_queue/redrive_task.queued": (Answer(409, "task_not_dead"), {}),
    "message_queue/redrive_dead_tasks.all": (Answer(202), {"SteeringTable": 1}),
    "message_queue/get_redrive.begun": (Answer(200), {}),
    "message_queue/list_pauses.none": (Answer(200), {}),
    "message_queue/pause_tasks.low": (Answer(200), {"SteeringTable": 1}),
    "message_queue/pause_tasks.unknown_scope": (Answer(404, "scope_not_found"), {}),
    # The row of the pauses, and the sweep that wakes what waited.
    "message_queue/resume_tasks.low": (Answer(204), {"SteeringTable": 2}),
    "message_queue/create_schedule.workdays": (Answer(201), {"SteeringTable": 1}),
    "message_queue/create_schedule.never": (Answer(422, "validation_failed"), {}),
    "message_queue/list_schedules.first_page": (Answer(200), {}),
    "message_queue/get_schedule.hourly": (Answer(200), {}),
    "message_queue/delete_schedule.hourly": (Answer(204), {"SteeringTable": -1}),
    "message_queue/dispatch_steering.lane": (CARRIED, {"OrderedTasksQueue": 1}),
    "message_queue/dispatch_steering.sweep": (CARRIED, {"SteeringQueue": 1}),
    "message_queue/steer_tasks.sweep": (Batch(), {}),
    "message_queue/steer_tasks.declaration": (Batch(), {"SteeringTable": 1}),
    "message_queue/steer_tasks.overdue": (Batch(), {"SteeringTable": 1}),
    "message_queue/steer_tasks.tick": (Batch(), {}),  # long missed: left out
    # The type's turns.
    "message_queue/run_task.due": (Batch(), {"SteeringTable": 1}),
    "message_queue/erase_user_tasks.deleted": (Batch(), {}),
}


def event(name: str) -> Json:
    found: Json = json.loads((EVENTS / f"{name}.json").read_bytes())
    return found


def function_of(name: str) -> str:
    """Name the function that an event is for."""
    module = name.partition(".")[0].replace("/", ".")
    return next(each.name for each in functions().values() if each.module == module)


@pytest.fixture
def stack(cloud: Cloud) -> Cloud:
    """A stack in which the story has been played, and an import and a task are under way."""
    put_product(cloud)
    ada = users.row(email="ada@example.com", name="Ada", origin="registered", now=AT, trace=TRACE)
    store.put_new(cloud.name("UsersTable"), ada)
    put_event(cloud)
    mail = {"recipient": "ada@example.com", "subject": "Welcome!"}
    task = tasks.row(id=TASK, type="email_notification", payload=mail, now=AT, trace=TRACE)
    store.put_new(cloud.name("TasksTable"), task)
    dead = tasks.row(id=DEAD, type="email_notification", payload=mail, now=AT, trace=TRACE)
    over = {"status": "dead", "listing": tasks.listing("dead", DEAD), "ended_at": AT}
    store.put_new(cloud.name("TasksTable"), dead | over)
    put_steering(cloud)
    put_webhook_source(cloud)
    put_received(cloud)
    put_webhook_endpoint(cloud, ada["id"])
    put_import(cloud)
    put_sync(cloud)
    put_reports(cloud)
    put_export(cloud)
    return cloud


def put_steering(cloud: Cloud) -> None:
    """Put a recurring task and a redrive that has begun."""
    table, now = cloud.name("SteeringTable"), clock.parse(AT)
    given = recurrence.Schedule(expression="rate(1 hour)", task={"type": "users_report"})
    store.put_new(table, schedules.row(SCHEDULE, given, given.task, now=now, trace=TRACE))
    sweeps.begin(table, REDRIVE, listing="dead", now=now, trace=TRACE, per_second=10)


def put_product(cloud: Cloud) -> None:
    """Put a product as the seed does."""
    product: Json = {"id": "espresso-machine", "name": "Espresso machine", "category": "kitchen"}
    product |= {"price": 74900, "currency": "EUR", "stock": 12, "version": 1, "created_at": AT}
    store.put_new(cloud.name("ProductsTable"), product)


def put_event(cloud: Cloud) -> None:
    """Put the event of a registration, a replay of it, and a welcome that came to nothing."""
    text = event("publish_subscribe/log_event.published")["Records"][0]["body"]
    logged, now, month = envelope.from_dict(json.loads(text)), clock.now(), timedelta(days=30)
    row = event_rows.row(logged, text, None, now=now, retention=month)
    store.put_new(cloud.name("EventsTable"), row | {"expires_epoch": NEVER})
    wanted = Wanted("user-events", Window("2026-01-15T09:00:00.000Z", "2026-01-15T10:00:00.000Z"))
    replay = replays.new(
        REPLAY,
        wanted,
        subscriber=None,
        events_per_second=50,
        now=clock.parse(AT),
        retention=month,
        trace=TRACE,
    )
    store.put_new(cloud.name("ReplaysTable"), replay | {"expires_epoch": NEVER})
    aws.sqs().send_message(QueueUrl=cloud.name("WelcomeDeadLetterQueue"), MessageBody=text)


def put_webhook_source(cloud: Cloud) -> None:
    sources = {
        "stripe": {"provider": "stripe", "topic": "payment-events", "secrets": [STRIPE_SECRET]}
    }
    aws.secretsmanager().put_secret_value(
        SecretId=cloud.name("WebhookSourcesSecret"), SecretString=json.dumps(sources)
    )


def put_received(cloud: Cloud) -> None:
    """Put the webhook whose publication the stream's event asks for."""
    (record,) = event("webhook/publish_received.payment")["Records"]
    row = items.unpack(record["dynamodb"]["NewImage"])
    store.put_new(cloud.name("ReceivedTable"), row | {"expires_epoch": NEVER})


def put_webhook_endpoint(cloud: Cloud, user_id: str) -> None:
    """Put an endpoint with a delivery that is due, at an address that nobody may call."""
    endpoints._listed.clear()
    new = NewEndpoint(url="https://192.0.2.1/hooks")
    row, secret = endpoint_rows.new(new, id=ENDPOINT, now=clock.parse(AT), trace=TRACE)
    store.put_new(cloud.name("EndpointsTable"), row)
    store.put_new(cloud.name("EndpointSecretsTable"), secret)
    kept = {"id": EVENT, "part": "event", "event": "{}", "expires_epoch": NEVER}
    about = {"subject": user_id, "time": AT, "type": "user.registered"}
    store.put_new(cloud.name("DeliveriesTable"), kept | about)
    for name in ("pending", "replay"):
        record = event(f"webhook/dispatch_deliveries.{name}")["Records"][0]
        due = items.unpack(record["dynamodb"]["NewImage"])
        store.put_new(cloud.name("DeliveriesTable"), due)


def put_import(cloud: Cloud) -> None:
    """Put an import whose plan has run: a job with its file and one chunk."""
    table, bucket, key = cloud.name("ImportsTable"), cloud.name("ImportsBucket"), f"imports/{JOB}"
    asked: Json = {"mode": "create", "dry_run": False, "notify": False}
    asked |= {"delimiter": None, "encoding": None, "max_errors": None}
    about: Json = {"entity": "users", "format": "csv", "asked": asked}
    job = jobs.new_job(JOB, **about, now=clock.now(), days=9999, trace=TRACE)
    store.put_new(table, job, key="job_id")
    etag = aws.s3().put_object(Bucket=bucket, Key=key, Body=CSV)["ETag"]
    jobs.arrived(table, JOB, etag=etag, now=clock.now())
    cloud.invoke("StepImportFunction", event("batch_processing/step_import.past"))


def put_sync(cloud: Cloud) -> None:
    """Put a run of the catalogue's synchronisation that has been taken on."""
    feed = Feed("https://shop.example/feed", "", "", "csv", "full")
    asked = {"allow_shrink": False, "from_start": False}
    about: Json = {"trigger": "schedule", "asked": asked, "now": clock.now(), "days": 9999}
    turns.begin(cloud.name("SyncsTable"), runs.new(SYNC, feed, **about, trace=TRACE))


def put_reports(cloud: Cloud) -> None:
    """Put a report that is made, and one that is to be made."""
    (record,) = event("batch_processing/dispatch_reports.opened")["Records"]
    row = items.unpack(record["dynamodb"]["NewImage"])
    made = {"id": "2026-01-15", "status": "completed", "made_at": AT, "totals": {}}
    store.put_new(cloud.name("ReportsTable"), row)
    store.put_new(cloud.name("ReportsTable"), row | made)
    texts = dict.fromkeys(("json", "csv", "html"), "{}")
    report_files.put(cloud.name("ReportsBucket"), "2026-01-15", texts)


def put_export(cloud: Cloud) -> None:
    """Put an export that is taken on, of one segment."""
    asked: Json = {"columns": ["email", "name"], "format": "csv", "compression": None, "filter": {}}
    job = exports.new(
        EXPORT, asked=asked, count=1, expected=1, now=clock.now(), expires=NEVER, trace=TRACE
    )
    exports.start(cloud.name("ExportsTable"), job)


def sizes(cloud: Cloud) -> dict[str, int]:
    """Count the rows of every table and the messages of every queue."""
    found = {name: len(cloud.rows(name)) for name in cloud.tables}
    return found | {name: cloud.waiting(name) for name in cloud.queues}


def summary(result: Any) -> Answer | Batch | None:
    match result:
        case {"statusCode": status, "body": body}:
            return Answer(status, json.loads(body).get("code") if status >= 400 else None)
        case {"batchItemFailures": failures}:
            return Batch(len(failures))
    return CARRIED if result is None else result


@pytest.mark.parametrize("name", EXPECTED)
def test_an_event_ends_as_the_table_says(stack: Cloud, name: str) -> None:
    before = sizes(stack)

    result = stack.invoke(function_of(name), event(name))

    answer, left = EXPECTED[name]
    assert summary(result) == answer
    after = sizes(stack)
    assert {
        name: after[name] - before[name] for name in after if after[name] != before[name]
    } == left


def test_the_table_names_every_event() -> None:
    files = [path.relative_to(EVENTS) for path in EVENTS.rglob("*") if path.is_file()]

    assert sorted(str(each) for each in files) == sorted(f"{name}.json" for name in EXPECTED)


def test_every_function_has_an_event() -> None:
    assert {function_of(name) for name in EXPECTED} == functions().keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_an_events_name_is_its_function_and_its_case(name: str) -> None:
    assert re.fullmatch(r"[a-z_]+/[a-z_]+\.[a-z_]+", name)


def test_the_stale_webhook_is_stripes_own_but_for_its_age() -> None:
    found = event("webhook/receive_webhook.stale_signature")
    body = base64.b64decode(found["body"]).decode()

    header = found["headers"]["Stripe-Signature"]
    assert stripe.WebhookSignature.verify_header(body, header, STRIPE_SECRET, tolerance=None)
