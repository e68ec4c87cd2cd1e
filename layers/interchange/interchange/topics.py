"""Topics that are there from the first deploy: what the bundle itself publishes to."""

BUILT_IN = {
    "payment-events": "What payment providers report.",
    "user-events": "What happens to users.",
    "webhook-events": "What happens to webhook endpoints.",
}
