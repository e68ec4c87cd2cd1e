"""What callers may say of an endpoint, with the rules for each field."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from interchange import envelope
from interchange.validation import ONE_LINE, Body

_DEEPEST_FILTER = 8
# What we say ourselves, and what is about the connection (RFC 9110 s.7.6.1), not about the event.
RESERVED = (
    r"^(host|content-length|content-type|content-encoding|accept-encoding|date|connection"
    r"|keep-alive|te|trailer|transfer-encoding|upgrade|expect|user-agent|via|forwarded|cookie"
    r"|(webhook-|svix-|proxy-|x-forwarded-).*)$"
)


def _own_header(name: str) -> str:
    if re.match(RESERVED, name.lower()):
        raise PydanticCustomError("own_header", "Must not be a header that we set ourselves")
    return name


def _own_attribute(name: str) -> str:
    if name in envelope.RESERVED:
        raise PydanticCustomError(
            "own_attribute", "Must not be an attribute with a place of its own"
        )
    return name


Word = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
Words = Annotated[list[Word], Field(max_length=50)]
# What is refused beyond this, `interchange.targets` knows; http is for local targets alone.
Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2048),
    Field(
        json_schema_extra={"format": "uri", "pattern": r"^https://[a-z0-9.-]+\.[a-z]{2,}(/.*)?$"}
    ),
]
HeaderName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$"),
    AfterValidator(_own_header),
]
HeaderValue = Annotated[str, StringConstraints(max_length=1024, pattern=r"^[!-~]([ -~]*[!-~])?$")]
Headers = Annotated[dict[HeaderName, HeaderValue], Field(max_length=20)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=64), ONE_LINE]
Metadata = Annotated[
    dict[Label, Annotated[str, StringConstraints(max_length=500)]], Field(max_length=50)
]
Attribute = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,64}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=512), ONE_LINE]
Integer = Annotated[int, Field(ge=-(2**31), lt=2**31)]  # CloudEvents' own
Extensions = Annotated[
    dict[Annotated[Attribute, AfterValidator(_own_attribute)], Text | bool | Integer],
    Field(max_length=20, description="What CloudEvents has beside its own attributes"),
]
Compared = Annotated[
    dict[Attribute, Annotated[str, StringConstraints(min_length=1, max_length=256)]],
    Field(min_length=1, max_length=10),
]
Pointer = Annotated[str, StringConstraints(max_length=256, pattern=r"^(/([^~/]|~[01])*)*$")]
Scalar = str | int | float | bool | None
Ordered = Annotated[bool, Field(description="Deliver the events of one key one after another")]
RateLimit = Annotated[int, Field(ge=1, le=1000, description="Deliveries a second, at most")]


# For type checkers; what is not named is left out of `model_fields_set`, and null is refused.
_UNSET: Any = None


class Filter(Body):
    """One filter of CloudEvents Subscriptions: exactly one dialect."""

    exact: Compared = _UNSET
    prefix: Compared = _UNSET
    suffix: Compared = _UNSET
    all: Annotated[list["Filter"], Field(min_length=1, max_length=20)] = _UNSET
    any: Annotated[list["Filter"], Field(min_length=1, max_length=20)] = _UNSET
    not_: Annotated["Filter", Field(alias="not")] = _UNSET

    @model_validator(mode="after")
    def _one_dialect(self) -> Self:
        if len(self.plain()) != 1:
            raise PydanticCustomError("one_dialect", "Must have exactly one dialect")
        if _depth(self) > _DEEPEST_FILTER:
            raise PydanticCustomError("too_deep", "Must not be nested deeper than 8 filters")
        return self

    def plain(self) -> dict[str, Any]:
        """Give it as it was sent."""
        return self.model_dump(by_alias=True, exclude_none=True)


def _depth(filter: Filter) -> int:
    inner = [
        *(filter.all or []),
        *(filter.any or []),
        *([filter.not_] if "not_" in filter.model_fields_set else []),
    ]
    return 1 + max(map(_depth, inner), default=0)


Filters = Annotated[list[Filter], Field(max_length=20)]
DataEquals = Annotated[
    dict[Pointer, Scalar],
    Field(max_length=20, description="JSON pointers into the data, with the values wanted there"),
]


class NewEndpoint(Body):
    """Where to deliver, and what: of all that is named, everything must hold."""

    url: Url
    description: Annotated[str, StringConstraints(max_length=500)] = ""
    topics: Words = Field(default_factory=list)
    types: Words = Field(default_factory=list)
    filters: Filters = Field(default_factory=list)
    data_equals: DataEquals = Field(default_factory=dict)
    headers: Headers = Field(default_factory=dict)
    rate_limit: RateLimit | None = None
    ordered: Ordered = False
    metadata: Metadata = Field(default_factory=dict)


class EndpointChange(Body):
    """What is to be otherwise; what is not named stays. `active` enables again."""

    url: Url = _UNSET
    description: Annotated[str, StringConstraints(max_length=500)] = _UNSET
    topics: Words = _UNSET
    types: Words = _UNSET
    filters: Filters = _UNSET
    data_equals: DataEquals = _UNSET
    headers: Headers = _UNSET
    rate_limit: RateLimit | None = None
    ordered: Ordered = _UNSET
    metadata: Metadata = _UNSET
    status: Literal["active", "disabled"] = _UNSET
