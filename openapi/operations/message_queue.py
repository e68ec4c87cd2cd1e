"""Message Queue: tasks."""

from openapi.operations.parts import AT, TASK_ID, Answer, Body, Operation, link

_TAG = "Message Queue"
_QUEUED = {
    "id": TASK_ID,
    "type": "email_notification",
    "status": "queued",
    "attempts": 0,
    "max_attempts": 5,
    "created_at": AT,
    "due_at": AT,
    "version": 1,
}
_DONE = _QUEUED | {
    "status": "succeeded",
    "attempts": 1,
    "started_at": AT,
    "ended_at": AT,
    "version": 3,
}
_MAIL = {"type": "email_notification", "recipient": "user@example.com", "subject": "Welcome!"}

OPERATIONS = {
    ("post", "/api/tasks/enqueue"): Operation(
        "enqueue_task",
        _TAG,
        "Taken on now, done as soon as possible, tried again when it fails.",
        {
            202: Answer(
                "The task is kept; follow it.",
                Body("Task", {"queued": _QUEUED}),
                ("Location", "IdempotentReplayed"),
                {"follow": link("get_task", {"id": "$response.body#/id"})},
            )
        },
        ("IdempotencyKey",),
        Body("NewTask", {"e-mail": _MAIL}),
    ),
    ("get", "/api/tasks/{id}"): Operation(
        "get_task",
        _TAG,
        "How the task is doing; not what is in it, which may be personal.",
        {200: Answer("The task.", Body("Task", {"done": _DONE}), ("CacheControl",))},
        ("Id",),
    ),
}
