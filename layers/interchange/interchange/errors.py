"""One tree of errors: raised where the fault is known, mapped to an answer once, at the edge.

InterchangeError                    what                                            again?
├── BadRequest              400     the request cannot be read                      no
├── Unauthorized            401     the sender did not prove who it is              no
├── AccessDenied            403     the sender may not do this                      no
├── NotFound                404     no such resource                                no
├── MethodNotAllowed        405     the path has other methods                      no
├── Conflict                409     the resource's state forbids it                 no
├── PreconditionFailed      412     the resource has changed since                  no
├── ContentTooLarge         413     more bytes than we take                         no
├── UnsupportedMediaType    415     a Content-Type that the route does not read     no
├── UnprocessableContent    422     read, but a field breaks a rule                 no
├── PreconditionRequired    428     say which state you have seen                   no
├── InternalError           500     our fault                                       no
└── Unavailable             503     a service below us is throttled or away         yes
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import ClassVar, TypedDict


class FieldError(TypedDict):
    """One broken rule; `pointer` is a JSON pointer (RFC 6901) into the request body."""

    detail: str
    pointer: str


class InterchangeError(Exception):
    """A refusal with a stable `code` for programs; `detail` is for people and quotes no secret."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    code: str = "internal_error"
    retryable: ClassVar[bool] = False
    usual_headers: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.errors = list(errors)
        self.headers = {**self.usual_headers, **(headers or {})}


class BadRequest(InterchangeError):
    """The bytes are not what they claim to be."""

    status = HTTPStatus.BAD_REQUEST
    code = "bad_request"


class Unauthorized(InterchangeError):
    """A signature is missing, wrong or stale."""

    status = HTTPStatus.UNAUTHORIZED
    code = "unauthorized"


class AccessDenied(InterchangeError):
    """The sender is known, and may not do this."""

    status = HTTPStatus.FORBIDDEN
    code = "access_denied"


class NotFound(InterchangeError):
    """Nothing has this id."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"


class MethodNotAllowed(InterchangeError):
    """The path exists, with the methods in the Allow header."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method_not_allowed"


class PreconditionFailed(InterchangeError):
    """The resource is not in the state that If-Match or If-None-Match names."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "precondition_failed"


class PreconditionRequired(InterchangeError):
    """The route writes only over a state that the caller has seen."""

    status = HTTPStatus.PRECONDITION_REQUIRED
    code = "precondition_required"


class Conflict(InterchangeError):
    """The resource exists already or is in a state that forbids the act."""

    status = HTTPStatus.CONFLICT
    code = "conflict"


class ContentTooLarge(InterchangeError):
    """The body is over the route's limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "content_too_large"


class UnsupportedMediaType(InterchangeError):
    """The route does not read this Content-Type."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"


class UnprocessableContent(InterchangeError):
    """Well formed, but a field breaks a rule; `errors` names each."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "validation_failed"


class InternalError(InterchangeError):
    """Our fault; the log has the cause under the request id."""


class Unavailable(InterchangeError):
    """A service below us is throttled or away: the same request may be sent again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    retryable = True
    usual_headers = MappingProxyType({"Retry-After": "1"})
