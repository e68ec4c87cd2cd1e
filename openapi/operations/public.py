"""What needs no key: for monitors, for programs, for people."""

from openapi.operations.parts import Answer, Body, Operation

_TAG = "About"
_VALIDATORS = ("ETag", "CacheControl")
_UNCHANGED = Answer("What the caller has is what there is.", headers=_VALIDATORS)

OPERATIONS = {
    ("get", "/health"): Operation(
        "check_health",
        _TAG,
        "Requests reach the code; no other service is asked.",
        {200: Answer("They do.", Body("Health", {"ok": {"status": "ok"}}), ("CacheControl",))},
    ),
    ("get", "/openapi.json"): Operation(
        "get_openapi",
        _TAG,
        "This description.",
        {
            200: Answer("OpenAPI 3.1.", Body({"type": "object"}), _VALIDATORS),
            304: _UNCHANGED,
        },
        ("IfNoneMatchLoose",),
    ),
    ("get", "/docs"): Operation(
        "get_docs",
        _TAG,
        "This description for people, in one page that loads nothing from elsewhere.",
        {
            200: Answer("The page.", Body({"type": "string"}, media=("text/html",)), _VALIDATORS),
            304: _UNCHANGED,
        },
        ("IfNoneMatchLoose",),
    ),
}
