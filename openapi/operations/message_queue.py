"""Message Queue: tasks, and what steers them."""

from openapi.operations.parts import AT, TASK_ID, Answer, Body, Operation, link

_TAG = "Message Queue"
_SCHEDULE_ID = "sch_0192f0c1a2b37c4d8e5f60718293a4b8"
_REDRIVE_ID = "swp_0192f0c1a2b37c4d8e5f60718293a4b9"
_QUEUED = {
    "id": TASK_ID,
    "type": "email_notification",
    "status": "queued",
    "priority": "normal",
    "attempts": 0,
    "max_attempts": 5,
    "created_at": AT,
    "due_at": AT,
    "version": 1,
}
_RUN = {"attempts": 1, "started_at": AT, "version": 3}
_DONE = {
    **_QUEUED,
    **_RUN,
    "status": "succeeded",
    "ended_at": AT,
    "result": {"message_id": "0100018d0c8f"},
}
_CANCELLED = _QUEUED | {"status": "cancelled", "ended_at": AT, "version": 2}
_STOPPING = {**_QUEUED, **_RUN, "status": "running", "cancel_requested_at": AT}
_ERROR = {
    "code": "email_refused",
    "detail": "SES answered MessageRejected.",
    "at": AT,
    "attempt": 1,
}
_DEAD = {**_QUEUED, **_RUN, "status": "dead", "ended_at": AT, "error": _ERROR}
_MAIL = {"type": "email_notification", "recipient": "user@example.com", "subject": "Welcome!"}
_LATER = _MAIL | {"html": "<p>Welcome!</p>", "delay_seconds": 3600, "dedupe_key": "welcome-7"}
_CALL = {
    "type": "http_request",
    "url": "https://example.com/hooks/7",
    "body": "{}",
    "ordering_key": "order-7",
}
_REPORT = {"type": "users_report", "priority": "low"}
_REFUSED = {
    "type": "urn:interchange:problem:task_type_unknown",
    "title": "Unprocessable Content",
    "status": 422,
    "detail": "The type of a task is one of: email_notification, http_request, users_report.",
    "instance": "urn:uuid:0f3a3c66-2f3b-4c8e-9a39-5b1f0a7a9d10",
    "code": "task_type_unknown",
    "request_id": "0f3a3c66-2f3b-4c8e-9a39-5b1f0a7a9d10",
    "retryable": False,
}
_TAKEN = {"status": 202, "task": _QUEUED}
_SCHEDULE = {
    "id": _SCHEDULE_ID,
    "type": "users_report",
    "expression": "0 9 * * mon-fri",
    "timezone": "Europe/Berlin",
    "missed": "skip",
    "created_at": AT,
    "next_at": "2026-01-16T08:00:00.000Z",
}
_NEW_SCHEDULE = {
    "expression": "0 9 * * mon-fri",
    "timezone": "Europe/Berlin",
    "task": {"type": "users_report"},
}
_REDRIVE = {
    "id": _REDRIVE_ID,
    "status": "queued",
    "type": "email_notification",
    "moved": 0,
    "per_second": 10,
    "created_at": AT,
}
_PAUSE = {"id": "priority:low", "reason": "Month's end", "paused_at": AT}
_PAGES = ("PageSize", "PageToken")
_NEXT = "$response.body#/next_page_token"
_FOLLOW = {"follow": link("get_task", {"id": "$response.body#/id"})}

OPERATIONS = {
    ("post", "/api/tasks/enqueue"): Operation(
        "enqueue_task",
        _TAG,
        "Taken on now, done as soon as possible or when it says, tried again when it fails. An"
        " array of up to 100 gets a result of each.",
        {
            202: Answer(
                "The task is kept; follow it. With a `dedupe_key` that another task has, that one.",
                Body(
                    {
                        "anyOf": [
                            {"$ref": "#/components/schemas/Task"},
                            {"$ref": "#/components/schemas/TaskResults"},
                        ]
                    },
                    {"queued": _QUEUED, "array": {"items": [_TAKEN]}},
                ),
                ("LocationMaybe", "IdempotentReplayed"),
                _FOLLOW,
            ),
            207: Answer(
                "Of the array some tasks were taken, or none; with `Retry-After`, the same again,"
                " with the same Idempotency-Key, may have more.",
                Body("TaskResults", {"mixed": {"items": [_TAKEN, _REFUSED]}}),
                ("IdempotentReplayed", "RetryAfterMaybe"),
            ),
        },
        ("IdempotencyKey",),
        Body(
            "NewTasks",
            {
                "e-mail": _MAIL,
                "later, once": _LATER,
                "in order": _CALL,
                "several": [_MAIL, _REPORT],
            },
        ),
    ),
    ("get", "/api/tasks"): Operation(
        "list_tasks",
        _TAG,
        "Tasks in the order in which they were enqueued; a page may have fewer than there are.",
        {
            200: Answer(
                "A page; without `next_page_token` it is the last.",
                Body("TaskPage", {"last page": {"items": [_QUEUED]}}),
                ("CacheControl",),
                {"next": link("list_tasks", {"page_token": _NEXT})},
            )
        },
        ("TaskStatus", "TaskType", "EnqueuedFrom", "EnqueuedTo", *_PAGES),
    ),
    ("get", "/api/tasks/{id}"): Operation(
        "get_task",
        _TAG,
        "How the task is doing; not what is in it, which may be personal.",
        {200: Answer("The task.", Body("Task", {"done": _DONE}), ("CacheControl",))},
        ("Id",),
    ),
    ("delete", "/api/tasks/{id}"): Operation(
        "cancel_task",
        _TAG,
        "A task that waits is not done; one that runs stops at its next checkpoint. A dead one is"
        " kept until it is redriven, or until this says that nothing more is to be done.",
        {
            200: Answer("The task is cancelled.", Body("Task", {"cancelled": _CANCELLED})),
            202: Answer("The task runs, and is to stop.", Body("Task", {"stopping": _STOPPING})),
        },
        ("Id",),
    ),
    ("post", "/api/tasks/{id}/redrives"): Operation(
        "redrive_task",
        _TAG,
        "A dead task gets all its attempts again; its failures stay on record.",
        {
            202: Answer(
                "The task is queued again.",
                Body("Task", {"queued": _QUEUED}),
                ("Location", "IdempotentReplayed"),
                _FOLLOW,
            )
        },
        ("Id", "IdempotencyKey"),
    ),
    ("get", "/api/tasks/dead"): Operation(
        "list_dead_tasks",
        _TAG,
        "Tasks that failed for good, in the order in which they were enqueued.",
        {
            200: Answer(
                "A page; without `next_page_token` it is the last.",
                Body("TaskPage", {"last page": {"items": [_DEAD]}}),
                ("CacheControl",),
                {"next": link("list_dead_tasks", {"page_token": _NEXT})},
            )
        },
        ("TaskType", "EnqueuedFrom", "EnqueuedTo", *_PAGES),
    ),
    ("post", "/api/tasks/dead/redrives"): Operation(
        "redrive_dead_tasks",
        _TAG,
        "Dead tasks get all their attempts again, so many a second: all, or of a type, or so many.",
        {
            202: Answer(
                "The redrive is kept; follow it.",
                Body("Redrive", {"begun": _REDRIVE}),
                ("Location", "RetryAfter", "IdempotentReplayed"),
                {"follow": link("get_redrive", {"id": "$response.body#/id"})},
            )
        },
        ("IdempotencyKey",),
        Body("NewRedrive", {"all": {}, "some": {"type": "http_request", "limit": 100}}),
    ),
    ("get", "/api/tasks/dead/redrives/{id}"): Operation(
        "get_redrive",
        _TAG,
        "How many tasks it has moved, and whether that is all.",
        {200: Answer("The redrive.", Body("Redrive", {"begun": _REDRIVE}), ("CacheControl",))},
        ("Id",),
    ),
    ("get", "/api/tasks/pauses"): Operation(
        "list_pauses",
        _TAG,
        "All of them, on one page.",
        {
            200: Answer(
                "The pauses.", Body("PauseList", {"one": {"items": [_PAUSE]}}), ("CacheControl",)
            )
        },
    ),
    ("put", "/api/tasks/pauses/{id}"): Operation(
        "pause_tasks",
        _TAG,
        "Within seconds no more tasks of the type or priority are begun; those that run go on.",
        {200: Answer("The pause, or the one that stood.", Body("Pause", {"low": _PAUSE}))},
        ("Scope",),
        Body("NewPause", {"why": {"reason": "Month's end"}}),
    ),
    ("delete", "/api/tasks/pauses/{id}"): Operation(
        "resume_tasks",
        _TAG,
        "What waited is queued; nothing of it lost an attempt.",
        {204: Answer("There is no such pause now.")},
        ("Scope",),
    ),
    ("post", "/api/tasks/schedules"): Operation(
        "create_schedule",
        _TAG,
        "A task for every tick, once, whatever dies: by cron on the clock of a time zone, or"
        " `rate(15 minutes)`. Where a clock leaps forward, a time that it leaps over comes as much"
        " later; where it is set back, a time comes once.",
        {
            201: Answer(
                "The schedule, with its first tick.",
                Body("Schedule", {"workdays": _SCHEDULE}),
                ("Location", "IdempotentReplayed"),
                {"read": link("get_schedule", {"id": "$response.body#/id"})},
            )
        },
        ("IdempotencyKey",),
        Body("NewSchedule", {"workdays": _NEW_SCHEDULE}),
    ),
    ("get", "/api/tasks/schedules"): Operation(
        "list_schedules",
        _TAG,
        "In the order in which they were declared; `declared_as` names what the template declares.",
        {
            200: Answer(
                "A page; without `next_page_token` it is the last.",
                Body("SchedulePage", {"last page": {"items": [_SCHEDULE]}}),
                (),
                {"next": link("list_schedules", {"page_token": _NEXT})},
            )
        },
        _PAGES,
    ),
    ("get", "/api/tasks/schedules/{id}"): Operation(
        "get_schedule",
        _TAG,
        "When it is due next, and when it was last.",
        {200: Answer("The schedule.", Body("Schedule", {"one": _SCHEDULE}), ("CacheControl",))},
        ("Id",),
    ),
    ("delete", "/api/tasks/schedules/{id}"): Operation(
        "delete_schedule",
        _TAG,
        "No more ticks; the tasks that they have made go on. What the template declares comes back"
        " within an hour.",
        {204: Answer("It is gone.")},
        ("Id",),
    ),
}
