"""Every path with its methods, to tell 404 from 405; a contract test holds it to template.yaml."""

ROUTES = {
    "/api/products": ("GET", "HEAD"),
    "/api/products/syncs": ("GET", "POST"),
    "/api/products/syncs/{job_id}": ("DELETE", "GET"),
    "/api/products/{id}": ("DELETE", "GET", "HEAD", "PUT"),
    "/api/products/{id}/inventory": ("GET",),
    "/api/products/{id}/inventory/adjustments": ("POST",),
    "/api/reports/daily": ("GET",),
    "/api/reports/daily/latest": ("GET",),
    "/api/reports/daily/{date}": ("GET", "POST"),
    "/api/tasks": ("GET",),
    "/api/tasks/dead": ("GET",),
    "/api/tasks/dead/redrives": ("POST",),
    "/api/tasks/dead/redrives/{id}": ("GET",),
    "/api/tasks/enqueue": ("POST",),
    "/api/tasks/pauses": ("GET",),
    "/api/tasks/pauses/{id}": ("DELETE", "PUT"),
    "/api/tasks/schedules": ("GET", "POST"),
    "/api/tasks/schedules/{id}": ("DELETE", "GET"),
    "/api/tasks/{id}": ("DELETE", "GET"),
    "/api/tasks/{id}/redrives": ("POST",),
    "/api/users": ("GET", "POST"),
    "/api/users/batch": ("GET", "POST"),
    "/api/users/batch/uploads": ("POST",),
    "/api/users/batch/{job_id}": ("DELETE", "GET"),
    "/api/users/batch/{job_id}/results": ("GET",),
    "/api/users/batch/{job_id}/retries": ("POST",),
    "/api/users/exports": ("GET", "POST"),
    "/api/users/exports/{job_id}": ("DELETE", "GET"),
    "/api/users/exports/{job_id}/results": ("GET",),
    "/api/users/{id}": ("DELETE", "GET"),
    "/docs": ("GET",),
    "/events": ("GET",),
    "/events/publish": ("POST",),
    "/events/replays": ("GET", "POST"),
    "/events/replays/{id}": ("DELETE", "GET"),
    "/events/subscribers": ("GET",),
    "/events/subscribers/{name}/redrives": ("POST",),
    "/events/topics": ("GET",),
    "/events/topics/{topic}": ("GET", "PUT"),
    "/events/{id}": ("GET",),
    "/health": ("GET",),
    "/openapi.json": ("GET",),
    "/stripe/payment-success": ("POST",),
    "/webhook-deliveries": ("GET",),
    "/webhook-deliveries/{id}": ("GET",),
    "/webhook-deliveries/{id}/retries": ("POST",),
    "/webhook-endpoints": ("GET", "POST"),
    "/webhook-endpoints/{id}": ("DELETE", "GET", "PATCH"),
    "/webhook-endpoints/{id}/replays": ("POST",),
    "/webhook-endpoints/{id}/replays/{job_id}": ("GET",),
    "/webhook-endpoints/{id}/secret": ("GET",),
    "/webhook-endpoints/{id}/secret/rotations": ("POST",),
    "/webhook-endpoints/{id}/tests": ("POST",),
    "/webhooks/received": ("GET",),
    "/webhooks/received/{id}": ("GET",),
    "/webhooks/received/{id}/replays": ("POST",),
    "/webhooks/{source}": ("POST",),
}


def methods(path: str) -> tuple[str, ...] | None:
    """Give the methods of the route that a path is for, a literal segment before a parameter."""
    segments = path.strip("/").split("/")
    matching = [route for route in ROUTES if _matches(route.strip("/").split("/"), segments)]
    return ROUTES[min(matching, key=lambda route: route.count("{"))] if matching else None


def _matches(route: list[str], segments: list[str]) -> bool:
    return len(route) == len(segments) and all(
        expected.startswith("{") or expected == given
        for expected, given in zip(route, segments, strict=True)
    )
