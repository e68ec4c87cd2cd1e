"""One small module of pure functions per provider: prove the sender, name the event."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from webhook.providers import stripe
from webhook.providers.verified import Verified

type Provider = Callable[[bytes, Mapping[str, str], Sequence[str], datetime], Verified]

PROVIDERS: dict[str, Provider] = {
    "stripe": stripe.verify,
}
