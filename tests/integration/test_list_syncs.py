"""Listing synchronisations."""

from tests.answers import body_of
from tests.aws_events import request
from tests.feed_source import Source, product
from tests.moto_cloud import Cloud
from tests.syncs import ROUTE, following


def test_runs_are_listed_by_pages_the_newest_first(cloud: Cloud) -> None:
    with following(cloud, Source(product("cup"))) as syncs:
        ids = [syncs.run()["id"] for _ in range(3)]

        event = request("GET", ROUTE) | {"multiValueQueryStringParameters": {"page_size": ["2"]}}
        page = body_of(cloud.invoke("ListSyncsFunction", event))

        assert [each["id"] for each in page["items"]] == ids[:0:-1]
        assert "next_page_token" in page
        assert page["items"][0]["counts"]["total"] == 0
        assert page["items"][0]["not_modified"]


def test_there_may_be_none(cloud: Cloud) -> None:
    assert body_of(cloud.invoke("ListSyncsFunction", request("GET", ROUTE))) == {"items": []}
