"""Page tokens: what they are bound to, and for how long they hold."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange import clock, pages
from interchange.errors import BadRequest
from tests.architecture import Json
from tests.aws_events import request

NOW = clock.parse("2026-01-15T09:30:00.000Z")
KEY = {"id": "product-3", "category": "kitchen"}


@pytest.fixture(autouse=True, scope="module")
def _secret() -> Any:
    """A secret without a secrets manager."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "_secret", lambda: b"signing-secret")
        yield


def event(*, caller: str = "one", **query: str) -> Json:
    found = request("GET", "/api/products", headers={"X-Api-Key": caller})
    return found | {
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()}
    }


def token(**filters: str) -> str:
    page = pages.asked(event(), now=NOW, **filters)
    return str(pages.listed([], KEY, page=page, now=NOW)["next_page_token"])


def test_a_token_gives_back_where_to_go_on() -> None:
    page = pages.asked(event(page_token=token(), page_size="7"), now=NOW)

    assert (page.after, page.size) == (KEY, 7)


def test_a_token_holds_for_its_lifetime_and_no_longer() -> None:
    given = event(page_token=token())

    assert pages.asked(given, now=NOW + pages.LIFETIME * 0.999).after == KEY
    with pytest.raises(BadRequest, match="expired"):
        pages.asked(given, now=NOW + pages.LIFETIME)


def test_a_token_shows_itself_url_safe() -> None:
    assert token().replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    ("caller", "filters"), [("two", {}), ("one", {"category": "kitchen"}), ("one", {"other": ""})]
)
def test_a_token_of_another_caller_or_list_is_refused(caller: str, filters: dict[str, str]) -> None:
    with pytest.raises(BadRequest) as refused:
        pages.asked(event(caller=caller, page_token=token()), now=NOW, **filters)

    assert refused.value.code == "bad_page_token"


@given(st.text(st.characters(categories=None)) | st.binary().map(bytes.hex))
def test_any_text_is_a_token_or_refused(text: str) -> None:
    with contextlib.suppress(BadRequest):
        pages.asked(event(page_token=text), now=NOW)


@given(st.integers(0, 200), st.characters())
def test_no_character_of_a_token_can_be_changed(place: int, character: str) -> None:
    whole = token()
    changed = whole[: place % len(whole)] + character + whole[place % len(whole) + 1 :]

    try:
        page = pages.asked(event(page_token=changed), now=NOW)
    except BadRequest:
        return
    # The last character's low bits carry nothing; all that is signed is what it was.
    assert page.after == KEY
