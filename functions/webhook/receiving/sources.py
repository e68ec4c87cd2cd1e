"""Sources, who may call us: one secret that names each one's provider, active secrets and topic.

{"stripe": {"provider": "stripe", "topic": "payment-events", "secrets": ["whsec_…"]}}
A provider's options, such as Twilio's `url`, stand beside these (docs/operations.md). A source that
cannot work is refused by itself, with 503: its provider sends again, and the others go on.
"""

import json
import re
import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from interchange import aws
from interchange.errors import NotFound, Unavailable
from interchange.observability import logger
from webhook.providers import PROVIDERS
from webhook.providers.contract import Misconfigured, Source

type Sources = Mapping[str, Source | Misconfigured]

_FRESH_SECONDS = 60  # a rotated secret is picked up within this
_MOST_SECRETS = 10  # each is tried on every request

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_RESERVED = frozenset({"received"})  # /webhooks/received lists what came in
_TOPIC = re.compile(r"[a-z0-9.-]{1,64}")
_EVERYONES = frozenset({"provider", "topic", "secrets"})

_kept: dict[str, tuple[float, Sources]] = {}


def named(name: str, *, secret_arn: str) -> Source:
    """Find a configured source; NotFound for another name, Unavailable for one that is wrong."""
    configured = _configured(secret_arn)
    found = configured.get(name, configured.get(""))
    if found is None:
        raise NotFound("No webhook source has this name.", code="source_not_found")
    if isinstance(found, Misconfigured):
        logger.warning("Webhook source misconfigured", source=name, reason=str(found))
        detail = "This source's configuration is wrong; its operator has been told."
        raise Unavailable(detail, code="source_misconfigured", headers={"Retry-After": "60"})
    return found


def _configured(secret_arn: str) -> Sources:
    """Give the sources as of the last minute; older ones, while Secrets Manager is away."""
    kept_at, sources = _kept.get(secret_arn, (float("-inf"), None))
    if sources is not None and time.monotonic() - kept_at <= _FRESH_SECONDS:
        return sources
    try:
        secret = aws.secretsmanager().get_secret_value(SecretId=secret_arn)
    except (ClientError, BotoCoreError) as error:
        if sources is None:
            raise
        logger.warning("Webhook sources are stale", exception_name=type(error).__name__)
    else:
        sources = parse(secret.get("SecretString", ""))
    _kept[secret_arn] = (time.monotonic(), sources)
    return sources


def parse(text: str) -> Sources:
    """Read the secret; what is wrong with a source stands in its place, under "" for all."""
    try:
        configured = json.loads(text)
    except (ValueError, RecursionError):
        return {"": Misconfigured("the secret is not JSON")}
    if not isinstance(configured, dict):
        return {"": Misconfigured("the secret is not a JSON object")}
    return {name: _source(name, found) for name, found in configured.items() if name}


def _source(name: str, found: Any) -> Source | Misconfigured:
    try:
        return _checked(name, found)
    except Misconfigured as reason:
        return reason


def _checked(name: str, found: Any) -> Source:
    _require(isinstance(found, dict), "it is not a JSON object")
    _require(_NAME.fullmatch(name) and name not in _RESERVED, "its name cannot be one")
    _require(_is_text(found.get("provider")), "it has no provider")
    provider = PROVIDERS.get(found["provider"])
    if provider is None:
        raise Misconfigured("no provider has this name")
    _require(_is_text(found.get("topic")) and _TOPIC.fullmatch(found["topic"]), "it has no topic")
    secrets = found.get("secrets")
    _require(isinstance(secrets, list) and 0 < len(secrets) <= _MOST_SECRETS, "it has no secrets")
    _require(all(map(_is_text, secrets)), "a secret is not a text of visible characters")
    options = {each: value for each, value in found.items() if each not in _EVERYONES}
    _require(options.keys() <= {*provider.options, *provider.required}, "it has unknown members")
    _require(options.keys() >= {*provider.required}, f"it lacks {', '.join(provider.required)}")
    _require(all(map(_is_text, options.values())), "an option is not a text")
    source = Source(name, found["provider"], found["topic"], tuple(secrets), options)
    provider.check(source)
    return source


def _require(holds: object, reason: str) -> None:
    if not holds:
        raise Misconfigured(reason)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and value.isprintable()
