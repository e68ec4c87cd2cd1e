"""Creating a webhook endpoint, and what is refused."""

import json
from typing import Any

import pytest

from tests.answers import body_of, pointers, refusal
from tests.architecture import Json
from tests.aws_events import request
from tests.customers import Customer
from tests.faults import ProcessDied, calls_counted, death_after_call
from tests.moto_cloud import Context

NO_TIME_LEFT = Context(remaining_millis=0)  # so that an idempotency claim is over when it is made
KEY = {"Idempotency-Key": "key-1"}


def create(customer: Customer, **fields: Any) -> Json:
    return customer.call("CreateEndpointFunction", {"url": customer.server.url()} | fields)


def test_the_secret_is_shown_at_creation_and_on_asking_and_nowhere_else(
    customer: Customer,
) -> None:
    created = customer.create(headers={"Authorization": "Bearer hidden"})
    id, secret = created["id"], created["secret"]

    shown = customer.call("GetEndpointFunction", method="GET", id=id)
    listed = customer.call("ListEndpointsFunction", method="GET")
    asked = customer.call("GetEndpointSecretFunction", method="GET", id=id)
    for answer in (shown, listed):
        assert secret not in answer["body"]
        assert "hidden" not in answer["body"]
    assert body_of(shown)["header_names"] == ["Authorization"]
    assert body_of(listed)["items"] == [body_of(shown)]
    assert body_of(asked) == {"secret": secret, "former": []}
    assert secret not in json.dumps(customer.cloud.rows("EndpointsTable"))


def test_what_is_asked_for_is_what_is_kept(customer: Customer) -> None:
    fields: Json = {
        "description": "Billing",
        "topics": ["payment-events"],
        "types": ["a", "b"],
        "filters": [{"not": {"any": [{"prefix": {"type": "x"}}, {"exact": {"subject": "y"}}]}}],
        "data_equals": {"/amount": 1.5, "/paid": True, "/note": None},
        "rate_limit": 7,
        "metadata": {"tenant": "7"},
    }

    created = customer.create(**fields)

    assert created.items() >= fields.items()
    assert created["status"] == "active"


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"filters": [{"like": {"type": "x"}}]}, "/filters/0/like"),
        ({"filters": [{}]}, "/filters/0"),
        ({"filters": [{"exact": {"type": "x"}, "prefix": {"type": "x"}}]}, "/filters/0"),
        ({"filters": [{"exact": {}}]}, "/filters/0/exact"),
        ({"filters": [{"exact": {"Type": "x"}}]}, "/filters/0/exact/Type/[key]"),
        ({"filters": [{"exact": {"type": ""}}]}, "/filters/0/exact/type"),
        ({"filters": [{"all": []}]}, "/filters/0/all"),
        ({"filters": [{"any": [{"not": {"sql": "x"}}]}]}, "/filters/0/any/0/not/sql"),
        ({"data_equals": {"amount": 1}}, "/data_equals/amount/[key]"),
        ({"headers": {"Webhook-Signature": "x"}}, "/headers/Webhook-Signature/[key]"),
        ({"headers": {"transfer-encoding": "chunked"}}, "/headers/transfer-encoding/[key]"),
        ({"headers": {"X-A": "x\r\nHost: y"}}, "/headers/X-A"),
        ({"headers": {"X A": "x"}}, "/headers/X A/[key]"),
        ({"rate_limit": 0}, "/rate_limit"),
        ({"topics": [""]}, "/topics/0"),
        ({"status": "active"}, "/status"),
        ({"url": 7}, "/url"),
    ],
)
def test_a_broken_field_is_pointed_to(customer: Customer, fields: Json, where: str) -> None:
    answer = create(customer, **fields)

    assert where in pointers(answer)
    assert customer.cloud.rows("EndpointsTable") == []


def test_a_filter_that_is_nested_too_deeply_is_refused(customer: Customer) -> None:
    deep: Json = {"exact": {"type": "x"}}
    for _ in range(8):
        deep = {"not": deep}

    assert "/filters/0" in pointers(create(customer, filters=[deep]))


def test_an_absurdly_nested_filter_is_refused_as_well(customer: Customer) -> None:
    deep = '{"not":' * 2000 + "{}" + "}" * 2000
    body = f'{{"url": "{customer.server.url()}", "filters": [{deep}]}}'.encode()

    answer = customer.call("CreateEndpointFunction", body)

    assert 400 <= answer["statusCode"] < 500


@pytest.mark.parametrize(
    "url",
    ["https://10.0.0.1/", "https://user@1.1.1.1/", "ftp://1.1.1.1/", "https://[::ffff:10.0.0.1]/"],
)
def test_a_url_that_may_not_be_called_is_pointed_to(customer: Customer, url: str) -> None:
    answer = create(customer, url=url)

    assert refusal(answer) == (422, "url_forbidden")
    assert [each["pointer"] for each in body_of(answer)["errors"]] == ["/url"]


def test_without_the_local_setting_this_machine_is_refused(customer: Customer) -> None:
    event = request(path="/webhook-endpoints", body={"url": "https://127.0.0.1/"})

    assert refusal(customer.cloud.invoke("CreateEndpointFunction", event))[0] == 422


def test_the_same_request_twice_makes_one_endpoint_with_one_secret(customer: Customer) -> None:
    body = {"url": customer.server.url()}
    answers = [
        body_of(customer.call("CreateEndpointFunction", body, headers=KEY)) for _ in range(2)
    ]

    assert answers[0] == answers[1]
    assert len(customer.cloud.rows("EndpointsTable")) == 1


def calls_of_a_creation(customer: Customer) -> int:
    with calls_counted() as calls:
        customer.call("CreateEndpointFunction", {"url": customer.server.url()}, headers=KEY)
    customer.cloud.clear()
    return len(calls)


def test_a_death_after_any_call_makes_no_second_endpoint(customer: Customer) -> None:
    event = request(body={"url": customer.server.url()}, headers=KEY)
    local: Any = {"ALLOW_LOCAL_TARGETS": "true", "context": NO_TIME_LEFT}

    for call in range(1, calls_of_a_creation(customer) + 1):
        customer.cloud.clear()
        with pytest.raises(ProcessDied), death_after_call(call):
            customer.cloud.invoke("CreateEndpointFunction", event, **local)
        answer = customer.cloud.invoke("CreateEndpointFunction", event, **local)

        assert answer["statusCode"] == 201
        (secret,) = customer.cloud.rows("EndpointSecretsTable")
        assert body_of(answer)["secret"] == secret["secret"]["S"]
        assert len(customer.cloud.rows("EndpointsTable")) == 1
