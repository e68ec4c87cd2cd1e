"""Conditional requests: entity tags as RFC 9110 writes them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange import conditional
from interchange.conditional import Condition
from interchange.errors import BadRequest, PreconditionRequired
from tests.aws_events import request

ITEM = {"id": "pot", "version": 7, "created_at": "2026-01-15T09:30:00.000Z"}
TAG = '"7-2026-01-15T09:30:00.000Z"'


def required(**headers: str) -> Condition:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return conditional.required(request("PUT", headers=given))


def seen(if_none_match: str) -> bool:
    event = request("GET", headers={"If-None-Match": if_none_match})
    return conditional.not_modified(event, ITEM)


def test_a_tag_names_the_version_and_tells_a_successor_of_the_same_id() -> None:
    assert conditional.etag(ITEM) == TAG
    assert conditional.etag(ITEM | {"version": 8}) != TAG
    assert conditional.etag(ITEM | {"created_at": "2026-02-01T00:00:00.000Z"}) != TAG


@pytest.mark.parametrize("header", [TAG, f"W/{TAG}", f'"a", {TAG}', f'{TAG},"b"', "*", " * "])
def test_what_the_caller_has_is_not_modified(header: str) -> None:
    assert seen(header)


@pytest.mark.parametrize("header", ['"6-2026-01-15T09:30:00.000Z"', '""', 'W/"7"', TAG.lower()])
def test_what_the_caller_has_not_is_sent(header: str) -> None:
    assert not seen(header)


def test_without_the_header_everything_is_sent() -> None:
    assert not conditional.not_modified(request("GET"), ITEM)


MALFORMED = ["7", "", ",", '"', '"a" b', "W/*", 'w/"a"', '"a"b"', '"a\nb"', "* , *"]


@pytest.mark.parametrize("header", MALFORMED)
def test_what_is_no_list_of_tags_is_refused(header: str) -> None:
    with pytest.raises(BadRequest):
        required(If_Match=header)
    with pytest.raises(BadRequest):
        seen(header)


def test_a_write_over_an_unseen_state_is_refused() -> None:
    with pytest.raises(PreconditionRequired):
        required()


def test_a_star_means_new_or_any() -> None:
    assert required(If_None_Match="*") is conditional.NEW
    assert required(If_Match="*").when == "attribute_exists(#id)"


@pytest.mark.parametrize(
    "tag", [f"W/{TAG}", '"x"', '"0-a"', '"-1-a"', '"7"', '"07-a"', '"7-"', '""']
)
def test_a_tag_that_no_version_of_ours_has_matches_none(tag: str) -> None:
    condition = required(If_Match=tag)

    assert set(condition.values.values()) == {-1}


headers = st.text(alphabet='W/"*,7-2 \t\u00e9a', max_size=20) | st.text()


@given(headers, headers)
def test_any_headers_are_a_condition_or_refused(match: str, none_match: str) -> None:
    with contextlib.suppress(BadRequest):
        assert required(If_Match=match, If_None_Match=none_match).when
    with contextlib.suppress(BadRequest):
        assert required(If_Match=match).when
    with contextlib.suppress(BadRequest):
        seen(none_match)
