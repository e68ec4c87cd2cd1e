"""DynamoDB's JSON written and read as it is, past botocore's walk through the service's model.

The typed form that `items` writes is the form on the wire; the model has nothing to add to it but
time, a quarter of a call's. Credentials, signature, retries and errors stay botocore's: these are
its own hooks. What is refused is read by the model, which knows the errors.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

import base64
import json
from http import HTTPStatus
from typing import Any

_BODY = "interchange_body"
_CHOOSE_ENDPOINT = {"TableName", "RequestItems"}


def hook(client: Any) -> None:
    """Have this client of DynamoDB write and read JSON by these hooks."""
    events = client.meta.events
    events.register("before-parameter-build.dynamodb", _set_aside)
    events.register("before-call.dynamodb", _put_back)
    events.register("before-parse.dynamodb", _read)


def _set_aside(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Write the body, and leave the model what chooses the endpoint."""
    context[_BODY] = json.dumps(params, default=_base64, separators=(",", ":")).encode()
    for name in params.keys() - _CHOOSE_ENDPOINT:
        del params[name]


def _put_back(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    params["body"] = context[_BODY]


def _read(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    if response_dict["status_code"] == HTTPStatus.OK:
        customized_response_dict.update(json.loads(response_dict["body"]))
        response_dict["body"] = b"{}"


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
