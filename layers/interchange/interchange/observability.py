"""Logs and metrics: a JSON line per unit of work, with the first request's correlation id."""

import warnings
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

# The service is the pattern: the template sets POWERTOOLS_SERVICE_NAME.
logger = Logger(use_rfc3339=True)
metrics = Metrics(namespace="Interchange")


def bind(**keys: Any) -> None:
    """Put keys on every line from here to the end of the unit of work; rebinding overwrites."""
    logger.append_keys(**keys)


def count(name: str, value: float = 1) -> None:
    """Count something that happened; names are past tense in CamelCase: `TaskSucceeded`."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def flush() -> None:
    """Write the metrics of this invocation as one EMF line; nothing counted, nothing written."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "No application metrics to publish")
        metrics.flush_metrics()
