"""One small module of pure functions per provider: prove the sender, name the event."""

from webhook.providers import (
    generic,
    github,
    shopify,
    slack,
    standard_webhooks,
    stripe,
    twilio,
)
from webhook.providers.contract import FORM, JSON, Provider

PROVIDERS: dict[str, Provider] = {
    "stripe": Provider(stripe.verify),
    "github": Provider(github.verify, (JSON, FORM), github.HEADERS),
    "shopify": Provider(shopify.verify, headers=shopify.HEADERS),
    "slack": Provider(slack.verify, (JSON, FORM), slack.HEADERS),
    "standard_webhooks": Provider(
        standard_webhooks.verify, headers=standard_webhooks.HEADERS, check=standard_webhooks.check
    ),
    "twilio": Provider(
        twilio.verify, (JSON, FORM), twilio.HEADERS, required=("url",), check=twilio.check
    ),
    "generic": Provider(
        generic.verify, None, options=generic.OPTIONS, required=("header",), check=generic.check
    ),
}
