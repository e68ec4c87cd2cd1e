"""Validation: what breaks a rule is named by JSON pointer, and its value by nobody."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from interchange.errors import FieldError, UnprocessableContent
from interchange.new_user import NewUser
from interchange.validation import Body, EmailAddress, validate


class Inner(Body):
    number: int


class Outer(Body):
    items: list[Inner]
    odd: int = Field(default=0, alias="a/b~c")


class Address(Body):
    email: EmailAddress


def faults(model: type[Body], value: Any) -> list[FieldError]:
    with pytest.raises(UnprocessableContent) as refused:
        validate(model, value)
    assert refused.value.code == "validation_failed"
    return refused.value.errors


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({}, "/items"),
        ({"items": {}}, "/items"),
        ({"items": [{"number": 1}, {"number": "2"}]}, "/items/1/number"),
        ({"items": [{"number": True}]}, "/items/0/number"),
        ({"items": [{"number": 1.0}]}, "/items/0/number"),
        ({"items": [], "more": 1}, "/more"),
        ({"items": [], "a/b~c": "x"}, "/a~1b~0c"),
        ({"items": [], "~/": 1}, "/~0~1"),
        ({"items": [], "": 1}, "/"),
        ([], ""),
        (None, ""),
        ("text", ""),
    ],
)
def test_a_broken_rule_points_to_its_place(value: Any, pointer: str) -> None:
    assert [each["pointer"] for each in faults(Outer, value)] == [pointer]


def test_every_broken_rule_is_named() -> None:
    pointers = {each["pointer"] for each in faults(NewUser, {"email": "x", "name": "", "age": 3})}

    assert pointers == {"/email", "/name", "/age"}


def test_no_finding_quotes_what_was_sent() -> None:
    found = faults(NewUser, {"email": "sec@ret@example", "name": "sec\nret", "secret": "sec"})

    assert not [each for each in found if "sec" in each["detail"]]


@pytest.mark.parametrize(
    "email",
    [
        "a@b",
        "ada@example.com",
        "first.last+tag@sub.example.co",
        "!#$%&'*+/=?^_`{|}~-@example.com",
        "x" * 64 + "@example.com",
        "a@" + "b" * 63 + ".com",
        "  ada@example.com\t",
    ],
)
def test_what_a_browsers_form_takes_is_an_address(email: str) -> None:
    assert validate(Address, {"email": email}).email == email.strip()


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@@example.com",
        "ada@example..com",
        "ada@-example.com",
        "ada@example-.com",
        "ada@exam ple.com",
        "ada lovelace@example.com",
        "ada@example.com\nbcc: all@example.com",
        "ada@exämple.com",
        '"ada"@example.com',
        "ada@[127.0.0.1]",
        "x" * 65 + "@example.com",
        "a@" + "b" * 64 + ".com",
        "a@" + ".".join(["b" * 60] * 5),
    ],
)
def test_anything_else_is_none(email: str) -> None:
    assert [each["pointer"] for each in faults(Address, {"email": email})] == ["/email"]


@pytest.mark.parametrize(
    "name", ["", " ", "a\nb", "a\rb", "a\tb", "a\0b", "a\x7fb", "x" * 201, 7, None]
)
def test_a_name_is_one_line_of_one_to_200_characters(name: Any) -> None:
    assert faults(NewUser, {"email": "ada@example.com", "name": name})


@given(st.text(alphabet="ab@.-+ \n\té", max_size=12))
def test_what_is_taken_for_an_address_has_one_sign_and_no_space(text: str) -> None:
    try:
        email = validate(Address, {"email": text}).email
    except UnprocessableContent:
        return

    assert email.count("@") == 1
    assert email.isascii()
    assert not any(each.isspace() for each in email)
