"""Sources, who may call us: one secret that names each one's provider, active secrets and topic.

{"stripe": {"provider": "stripe", "topic": "payment-events", "secrets": ["whsec_…"]}}
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from interchange import aws
from interchange.errors import NotFound

_FRESH_SECONDS = 60  # a rotated secret is picked up within this

_kept: dict[str, tuple[float, dict[str, Any]]] = {}


@dataclass(frozen=True, slots=True)
class Source:
    """A system that calls us; several secrets are active while one replaces another."""

    name: str
    provider: str
    topic: str
    secrets: Sequence[str]


def named(name: str, *, secret_arn: str) -> Source:
    """Find a configured source; NotFound for every other name."""
    found = _configured(secret_arn).get(name)
    if found is None:
        raise NotFound("No webhook source has this name.", code="source_not_found")
    return Source(name, found["provider"], found["topic"], found["secrets"])


def _configured(secret_arn: str) -> dict[str, Any]:
    kept_at, configured = _kept.get(secret_arn, (float("-inf"), {}))
    if time.monotonic() - kept_at > _FRESH_SECONDS:
        secret = aws.secretsmanager().get_secret_value(SecretId=secret_arn)
        configured = json.loads(secret["SecretString"])
        _kept[secret_arn] = (time.monotonic(), configured)
    return configured
