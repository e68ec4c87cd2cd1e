"""Validate what callers send with pydantic; import this only where a body is read."""

import re
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from interchange import windows
from interchange.errors import FieldError, UnprocessableContent

# The HTML standard's valid e-mail address, what browsers let a form send; SES takes no more.
# https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})*")
_LONGEST_ADDRESS = 254  # RFC 5321 s.4.5.3.1.3, less the angle brackets
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _email_address(value: str) -> str:
    if len(value) > _LONGEST_ADDRESS or not _EMAIL.fullmatch(value):
        raise PydanticCustomError("email_address", "Must be an e-mail address")
    return value


def _one_line(value: str) -> str:
    if _CONTROL.search(value):
        raise PydanticCustomError("one_line", "Must have no line breaks or control characters")
    return value


def _moment(text: str) -> str:
    try:
        return windows.bound(text)
    except ValueError:
        raise PydanticCustomError("moment", "Must be an RFC 3339 time with an offset") from None


EmailAddress = Annotated[
    str, StringConstraints(strip_whitespace=True), AfterValidator(_email_address)
]
ONE_LINE = AfterValidator(_one_line)
Moment = Annotated[str, AfterValidator(_moment)]


class Body(BaseModel):
    """What a request body or a row must be: no unknown members, no silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


def validate[T: BaseModel](model: type[T], value: Any) -> T:
    """Check `value` against `model`; UnprocessableContent points to each broken field."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise UnprocessableContent(
            "The body breaks a rule of its schema.", errors=field_errors(error)
        ) from None


def field_errors(error: ValidationError) -> list[FieldError]:
    """Put pydantic's findings in problem details' words, without quoting any input."""
    return [
        {"detail": each["msg"], "pointer": pointer(each["loc"])}
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def pointer(path: Iterable[int | str]) -> str:
    """Write a path as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
