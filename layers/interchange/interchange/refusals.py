"""Which of the refusals by AWS's services pass by themselves."""

from http import HTTPStatus

from botocore.exceptions import ClientError

# What AWS's services say, beside 429 and 5xx, when the same call may succeed a moment later.
_BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "RequestTimeoutException",
        "SlowDown",
        "Throttled",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
    }
)


def is_busy(error: ClientError) -> bool:
    """Tell whether the same call may succeed a moment later."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return (
        status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or status == HTTPStatus.TOO_MANY_REQUESTS
        or error.response["Error"]["Code"] in _BUSY
    )
