"""Every example payload that GitHub's octokit publishes, signed by githubkit."""

from datetime import UTC, datetime

import pytest

from tests import octokit
from tests.signers import SOURCES, signed
from webhook.providers import PROVIDERS
from webhook.providers.contract import Incoming, Source, Verified

SOURCE = Source("github", "github", "user-events", SOURCES["github"]["secrets"])


def test_every_example_is_verified_and_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    examples = octokit.payloads(tmp_path_factory.mktemp("octokit"))
    now = datetime.now(UTC)
    assert sum(map(len, examples.values())) > 300

    for name, bodies in examples.items():
        for number, body in enumerate(bodies):
            sent = signed("github", body, id=f"{name}-{number}", at=now)
            headers = {each.lower(): value for each, value in sent.headers.items()}
            incoming = Incoming(body, headers | {"x-github-event": name}, now)
            found = PROVIDERS["github"].verify(incoming, SOURCE)
            assert found == Verified(f"{name}-{number}", f"github.{name}")


INDEX = """[
  {"name": "ping", "actions": [":"], "examples": []},
  {"examples": [ {"a" : 1.0, "examples": ["\\u00e9"]},
    {"b": "]}"} ], "name": "push"}
]"""


def test_an_example_is_cut_out_as_it_stands() -> None:
    assert octokit.cut(INDEX) == {
        "ping": [],
        "push": [rb'{"a" : 1.0, "examples": ["\u00e9"]}', b'{"b": "]}"}'],
    }
