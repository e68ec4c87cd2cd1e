"""Products and their stock, over HTTP: conditional writes, races, pages."""

import base64
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest

from local.api import Answer, Api
from local.stack import Stack
from tests.e2e.faults import physical_name
from tests.e2e.test_request_response import JSON, assert_problem

GRINDER = {
    "name": "Grinder",
    "description": "64 mm flat burrs",
    "category": "kitchen",
    "price": 29900,
    "currency": "EUR",
}


def put(api: Api, product_id: str, headers: Mapping[str, str], **changes: Any) -> Answer:
    body = json.dumps(GRINDER | changes).encode()
    return api.call("PUT", f"/api/products/{product_id}", body, {**JSON, **headers})


def created(api: Api, product_id: str, **changes: Any) -> Answer:
    answer = put(api, product_id, {"if-none-match": "*"}, **changes)
    assert answer.status == 201, answer.body
    return answer


def adjust(api: Api, product_id: str, delta: int, **headers: str) -> Answer:
    body = json.dumps({"delta": delta, "reason": "count"}).encode()
    path = f"/api/products/{product_id}/inventory/adjustments"
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.call("POST", path, body, JSON | sent)


def stock(api: Api, product_id: str) -> int:
    found: int = api.get(f"/api/products/{product_id}/inventory").body["stock"]
    return found


def test_a_product_is_created_replaced_and_deleted_by_its_etag(api: Api, run: str) -> None:
    first = created(api, run)
    path = f"/api/products/{run}"
    assert api.get(path).headers["etag"] == first.headers["etag"]

    second = put(api, run, {"if-match": first.headers["etag"]}, price=1)
    assert second.status == 200
    assert second.body["price"] == 1
    assert second.headers["etag"] != first.headers["etag"]

    stale = {"if-match": first.headers["etag"]}
    assert_problem(put(api, run, stale), 412, "precondition_failed")
    assert_problem(api.call("DELETE", path, None, stale), 412, "precondition_failed")

    fresh = {"if-match": second.headers["etag"]}
    assert api.call("DELETE", path, None, fresh).status == 204
    assert_problem(api.get(path), 404, "product_not_found")
    assert_problem(api.call("DELETE", path, None, fresh), 404, "product_not_found")
    assert_problem(put(api, run, fresh), 404, "product_not_found")


def test_the_etag_of_a_deleted_product_does_not_fit_its_successor(api: Api, run: str) -> None:
    first = created(api, run)
    api.call("DELETE", f"/api/products/{run}", None, {"if-match": "*"})
    created(api, run)

    answer = put(api, run, {"if-match": first.headers["etag"]})

    assert_problem(answer, 412, "precondition_failed")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 428, "precondition_required"),
        ({"if-none-match": "*"}, 412, "precondition_failed"),
        ({"if-match": '"of-another-time"'}, 412, "precondition_failed"),
        ({"if-match": "not a tag"}, 400, "bad_header"),
        ({"if-none-match": '"x"'}, 400, "bad_header"),
        ({"if-match": "*", "if-none-match": "*"}, 400, "bad_header"),
    ],
)
def test_a_write_over_a_state_that_is_not_named_is_refused(
    api: Api, headers: dict[str, str], status: int, code: str
) -> None:
    before = api.get("/api/products/espresso-machine")

    answer = put(api, "espresso-machine", headers)

    assert_problem(answer, status, code)
    assert api.get("/api/products/espresso-machine").body == before.body


def test_what_breaks_a_rule_is_named_before_any_precondition(api: Api, run: str) -> None:
    answer = put(api, run, {}, price=-1, currency="euro", stock=5)

    problem = assert_problem(answer, 422, "validation_failed")
    assert {each["pointer"] for each in problem["errors"]} == {"/price", "/currency", "/stock"}
    assert_problem(put(api, "Not_A_Slug", {"if-none-match": "*"}), 400, "bad_product_id")


def test_a_reader_who_has_it_already_is_told_so(api: Api, run: str) -> None:
    etag = created(api, run).headers["etag"]
    path = f"/api/products/{run}"

    for tag in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = api.call("GET", path, None, {"if-none-match": tag})
        assert answer.status == 304
        assert answer.headers["etag"] == etag
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.body in ("", None)
    assert api.call("GET", path, None, {"if-none-match": '"other"'}).status == 200


def test_head_answers_as_get_without_the_body(api: Api) -> None:
    path = "/api/products/espresso-machine"

    head = api.call("HEAD", path)

    assert head.status == 200
    assert head.headers["etag"] == api.get(path).headers["etag"]
    assert head.body == ""
    assert api.call("HEAD", "/api/products/none").status == 404
    assert api.call("HEAD", "/api/products").status == 200


def test_of_twenty_writers_at_one_version_exactly_one_wins(api: Api, run: str) -> None:
    etag = created(api, run).headers["etag"]

    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda price: put(api, run, {"if-match": etag}, price=price), range(20))
        )

    assert sorted(answer.status for answer in answers) == [200] + [412] * 19
    (won,) = [answer for answer in answers if answer.status == 200]
    assert api.get(f"/api/products/{run}").body == won.body


def test_stock_is_taken_and_never_goes_below_zero(api: Api, run: str) -> None:
    created(api, run)
    assert adjust(api, run, 5).status == 201

    answer = adjust(api, run, -2)

    assert answer.status == 201
    assert answer.body["delta"] == -2
    assert stock(api, run) == 3
    assert_problem(adjust(api, run, -4), 409, "insufficient_stock")
    assert stock(api, run) == 3
    assert_problem(adjust(api, "none", 1), 404, "product_not_found")
    assert_problem(adjust(api, run, 0), 422, "validation_failed")


def test_ten_buyers_of_the_last_four_get_four(api: Api, run: str) -> None:
    created(api, run)
    adjust(api, run, 4)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: adjust(api, run, -1), range(10)))

    assert sorted(answer.status for answer in answers) == [201] * 4 + [409] * 6
    assert stock(api, run) == 0


def test_an_adjustment_sent_again_with_its_key_happens_once(api: Api, run: str) -> None:
    created(api, run)

    first = adjust(api, run, 7, idempotency_key=f'"{run}"')
    again = adjust(api, run, 7, idempotency_key=run)

    assert first.status == again.status == 201
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    assert stock(api, run) == 7


def pages(api: Api, **parameters: Any) -> Iterator[list[dict[str, Any]]]:
    """Follow the tokens to the list's end."""
    token: dict[str, str] = {}
    while True:
        answer = api.get("/api/products?" + urlencode(parameters | token))
        assert answer.status == 200, answer.body
        yield answer.body["items"]
        if "next_page_token" not in answer.body:
            return
        token = {"page_token": answer.body["next_page_token"]}


def test_pages_show_every_product_of_a_category_once_and_in_order(api: Api, run: str) -> None:
    ids = [f"{run}-{number}" for number in range(7)]
    for product_id in ids:
        created(api, product_id, category=run)

    sizes = [[each["id"] for each in page] for page in pages(api, category=run, page_size=3)]

    assert [product_id for page in sizes for product_id in page] == ids
    assert [len(page) for page in sizes][:2] == [3, 3]


def test_pages_show_every_product_once(api: Api, run: str) -> None:
    ids = {f"{run}-{number}" for number in range(5)}
    for product_id in ids:
        created(api, product_id)

    seen = [each["id"] for page in pages(api, page_size=2) for each in page]

    assert len(seen) == len(set(seen))
    assert ids <= set(seen)


def test_a_token_that_is_forged_cut_or_of_another_list_is_refused(
    api: Api, stack: Stack, run: str
) -> None:
    token = api.get("/api/products?page_size=1").body["next_page_token"]
    raw = bytearray(base64.urlsafe_b64decode(token + "=="))
    raw[-3] ^= 1
    forged = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    other_caller = Api(stack.base_url, another_key(stack))

    assert api.get(f"/api/products?page_size=2&page_token={token}").status == 200
    for bad in (forged, token[:-5], token[5:], "x", "%C3%A9", ""):
        assert_problem(api.get(f"/api/products?page_token={bad}"), 400, "bad_page_token")
    elsewhere = f"/api/products?category=kitchen&page_token={token}"
    assert_problem(api.get(elsewhere), 400, "bad_page_token")
    assert_problem(api.get(f"/api/users?page_token={token}"), 400, "bad_page_token")
    foreign = other_caller.get(f"/api/products?page_token={token}")
    assert_problem(foreign, 400, "bad_page_token")


def another_key(stack: Stack) -> str:
    """Make a second caller's key."""
    gateway = stack.client("apigateway")
    key = gateway.create_api_key(name="another", enabled=True)
    plan = physical_name(stack, "UsagePlan")
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    value: str = gateway.get_api_key(apiKey=key["id"], includeValue=True)["value"]
    return value


@pytest.mark.parametrize("size", ["-1", "x", "1.5", "1e3", "²", "+1", "9" * 30])
def test_a_page_size_that_is_no_number_is_refused(api: Api, size: str) -> None:
    answer = api.get("/api/products?" + urlencode({"page_size": size}))

    assert_problem(answer, 400, "bad_page_size")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/products/x", "DELETE, GET, HEAD, PUT, OPTIONS"),
        ("PATCH", "/api/users/x", "DELETE, GET, OPTIONS"),
        ("GET", "/events/publish", "POST, OPTIONS"),
        ("DELETE", "/api/users/batch", "GET, POST, OPTIONS"),
    ],
)
def test_another_method_is_a_405_with_those_allowed(
    api: Api, method: str, path: str, allowed: str
) -> None:
    answer = api.call(method, path)

    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


def test_a_browser_may_ask_first_and_read_what_it_needs(stack: Stack, api: Api) -> None:
    asked = {"origin": "https://shop.example", "access-control-request-method": "PUT"}

    preflight = Api(stack.base_url, "").call("OPTIONS", "/api/products/x", None, asked)

    assert preflight.status == 204
    assert "PUT" in preflight.headers["access-control-allow-methods"]
    allowed = preflight.headers["access-control-allow-headers"].lower()
    assert {"idempotency-key", "if-match", "if-none-match", "content-type", "x-api-key"} <= set(
        allowed.split(", ")
    )
    answer = api.get("/api/products/none")
    assert answer.headers["access-control-allow-origin"] == "*"
    exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
    names = {"etag", "location", "retry-after", "idempotent-replayed", "x-request-id"}
    assert names | {"x-correlation-id"} <= set(exposed)
    refused = Api(stack.base_url, "none").get("/api/products")
    assert refused.headers["access-control-allow-origin"] == "*"
