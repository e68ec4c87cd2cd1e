"""Users, over HTTP: forms, lists, and erasure everywhere."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from local.api import Api, until
from local.props import ended, found_or_none, mail_to
from local.stack import Stack
from tests.e2e.spy import Spy
from tests.e2e.test_request_response import JSON, assert_problem

FORM = {"content-type": "application/x-www-form-urlencoded"}


def test_an_html_form_registers_a_user(api: Api, run: str) -> None:
    form = urlencode({"email": f"ada+tag.{run}@example.com", "name": "Ada Lovelace é"})

    answer = api.call("POST", "/api/users", form.encode(), FORM)

    assert answer.status == 201
    assert answer.body["email"] == f"ada+tag.{run}@example.com"
    assert answer.body["name"] == "Ada Lovelace é"


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        (b"email=a%40b.co", 422, "validation_failed"),
        (b"email=a%40b.co&name=A&role=admin", 422, "validation_failed"),
        (b"name=A&name=B&email=a%40b.co", 400, "malformed_form"),
        (b"name=%FF&email=a%40b.co", 400, "malformed_form"),
        (b"name=\xff", 400, "malformed_form"),
        (b"", 422, "validation_failed"),
    ],
)
def test_a_bad_form_is_refused_with_the_reason(
    api: Api, form: bytes, status: int, code: str
) -> None:
    assert_problem(api.call("POST", "/api/users", form, FORM), status, code)


def test_a_second_registration_is_told_where_the_first_is(api: Api, run: str) -> None:
    user = {"email": f"ada.{run}@example.com", "name": "Ada"}
    first = api.post("/api/users", user, expect=201)

    again = api.call("POST", "/api/users", json.dumps(user).encode(), JSON)

    assert_problem(again, 409, "user_exists")
    assert again.headers["location"] == first.headers["location"]


def test_users_are_listed_by_pages(api: Api, run: str) -> None:
    registered = {
        api.post("/api/users", {"email": f"u{n}.{run}@example.com", "name": "U"}, expect=201).body[
            "id"
        ]
        for n in range(3)
    }

    seen, token = [], ""
    while True:
        answer = api.get(f"/api/users?page_size=100{token}")
        seen += [user["id"] for user in answer.body["items"]]
        if "next_page_token" not in answer.body:
            break
        token = f"&page_token={answer.body['next_page_token']}"

    assert len(seen) == len(set(seen))
    assert registered <= set(seen)


def test_a_deleted_user_is_erased_everywhere(api: Api, stack: Stack, run: str, spy: Spy) -> None:
    email = f"gone.{run}@example.com"
    user = api.post("/api/users", {"email": email, "name": f"Name {run}"}, expect=201).body
    until("the welcome", lambda: mail_to(stack, email, "Welcome!"))
    registered = until("the event", lambda: spy.events(subject=user["id"]) or None)[0]
    until("the logged event", lambda: found_or_none(api, f"/events/{registered['id']}"))
    assert tables_with(stack, run) == {"EventsTable", "TasksTable", "UsersTable"}

    assert api.call("DELETE", f"/api/users/{user['id']}").status == 204

    until("the erasure", lambda: tables_with(stack, run) == set() or None)
    assert_problem(api.get(f"/api/users/{user['id']}"), 404, "user_not_found")
    assert_problem(api.get(f"/events/{registered['id']}"), 404, "event_not_found")
    assert_problem(api.call("DELETE", f"/api/users/{user['id']}"), 404, "user_not_found")
    (deleted,) = spy.events(subject=user["id"], type="user.deleted")
    assert deleted["data"] == {"id": user["id"]}


def test_a_user_may_register_again_after_deletion(api: Api, stack: Stack, run: str) -> None:
    form = {"email": f"back.{run}@example.com", "name": f"Name {run}"}
    first = api.post("/api/users", form, expect=201).body
    api.call("DELETE", f"/api/users/{first['id']}")

    again = api.post("/api/users", form, expect=201).body

    assert again["id"] == first["id"]
    assert api.get(f"/api/users/{again['id']}").body == again


def test_an_imported_file_is_deleted_when_its_job_ends(api: Api, stack: Stack, run: str) -> None:
    file = f"email,name\nfile.{run}@example.com,F\n".encode()
    job = api.call("POST", "/api/users/batch", file, {"content-type": "text/csv"}).body
    path = f"/api/users/batch/{job['id']}"

    until("the end", lambda: ended(api, path, {"completed"}))

    bucket = stack.client("s3").list_objects_v2
    name = stack.outputs["ImportsBucketName"]
    key = f"imports/{job['id']}"
    until("the deletion", lambda: bucket(Bucket=name, Prefix=key)["KeyCount"] == 0 or None)


def tables_with(stack: Stack, word: str) -> set[str]:
    """Name the tables of the outputs whose rows hold the word anywhere."""
    names = {
        output.removesuffix("Name"): value
        for output, value in stack.outputs.items()
        if output.endswith("TableName")
    }
    return {table for table, name in names.items() if word in json.dumps(rows(stack, name))}


def rows(stack: Stack, table: str) -> list[Any]:
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    return [
        {name: str(value) for name, value in item.items()}
        for page in pages
        for item in page["Items"]
    ]
