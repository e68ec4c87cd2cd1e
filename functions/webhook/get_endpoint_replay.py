"""Say how a replay is doing."""

from dataclasses import dataclass
from typing import Any

from interchange import config, http
from webhook.delivering import replays


@dataclass(frozen=True)
class Settings:
    """What the template gives this function."""

    deliveries_table: str


settings = config.reader(Settings)


@http.endpoint
def handler(event: http.Event, context: Any) -> http.Response:
    """Answer with the job: state, how many deliveries were seen and made due again."""
    endpoint_id, job_id = http.path_id(event), http.path_id(event, "job_id")
    row = replays.get(settings().deliveries_table, endpoint_id, job_id)
    shown = replays.representation(row)
    return http.uncached(shown)
