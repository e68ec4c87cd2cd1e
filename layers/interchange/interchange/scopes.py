"""What a caller's token must allow: a scope for each route, such as `tasks:write`."""

# Whose monitor, reader, browser or provider of webhooks has no key has no token either; what no
# route is for tells nothing but that.
OPEN = {
    "/health",
    "/docs",
    "/openapi.json",
    "/stripe/payment-success",
    "/webhooks/{source}",
    "/{proxy+}",
}

# The longest that a route begins with counts. Who reads users one by one may not take them all by
# an export, and who reads endpoints may not sign in their name.
FAMILIES = {
    "/api/products": "products",
    "/api/reports": "reports",
    "/api/tasks": "tasks",
    "/api/users": "users",
    "/api/users/batch": "imports",
    "/api/users/exports": "exports",
    "/events": "events",
    "/webhook-deliveries": "webhooks",
    "/webhook-endpoints": "webhooks",
    "/webhook-endpoints/{id}/secret": "webhook-secrets",
    "/webhooks/received": "webhooks",
}


def needed(method: str, route: str) -> str | None:
    """Name the scope that a route takes, None where it is open; ValueError for one of no family."""
    if route in OPEN:
        return None
    longest = max((each for each in FAMILIES if f"{route}/".startswith(f"{each}/")), key=len)
    return f"{FAMILIES[longest]}:{'read' if method in {'GET', 'HEAD'} else 'write'}"
