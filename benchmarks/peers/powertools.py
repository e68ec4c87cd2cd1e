"""Powertools as its documentation shows it, without the tracer."""

from typing import Any

import product
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics(namespace="Peer")
app = APIGatewayRestResolver()


@app.get("/api/products/<product_id>")
def get_product(product_id: str) -> dict[str, Any]:
    """Answer with the product, or 404."""
    found = product.read(product_id)
    if found is None:
        raise NotFoundError("No product has this id.")
    metrics.add_metric(name="ProductRead", unit=MetricUnit.Count, value=1)
    logger.info("Product read")
    return found


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Route the request."""
    return app.resolve(event, context)
