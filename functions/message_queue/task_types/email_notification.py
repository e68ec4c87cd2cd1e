"""Send an e-mail with SES.

At least once: SES has no idempotency key, so a worker that dies between SES's acceptance and the
row's update (two calls apart, milliseconds) sends again. Every mail names its task in the header
`X-Interchange-Task`, which tells the copies of one task from two tasks.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import StringConstraints

from interchange import aws, config
from interchange.observability import logger
from interchange.validation import ONE_LINE, Body, EmailAddress
from message_queue.task_types.outcome import Fatal, RateLimited, Retryable, TaskError
from message_queue.task_types.work import Work


@dataclass(frozen=True)
class Settings:
    """What the template gives the worker for this type."""

    sender_address: str
    emails_per_second: float


settings = config.reader(Settings)

# One line: a break in a subject would start a header of the caller's own.
Subject = Annotated[str, StringConstraints(min_length=1, max_length=200), ONE_LINE]
Text = Annotated[str, StringConstraints(max_length=100_000)]

_REFUSED = frozenset({"BadRequestException", "MessageRejected", "MessageRejectedException"})
_TOO_FAST = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException"})


class EmailNotification(Body):
    """A message to one recipient, as text, HTML or both; without either the subject says it all."""

    recipient: EmailAddress
    subject: Subject
    body: Text = ""
    html: Text = ""


def per_second() -> float:
    """Give the rate that SES grants the account."""
    return settings().emails_per_second


def run(mail: EmailNotification, work: Work) -> dict[str, Any]:
    """Send it; Fatal when SES refuses this message, Retryable when SES is throttled or away."""
    try:
        sent = aws.sesv2().send_email(
            FromEmailAddress=settings().sender_address,
            Destination={"ToAddresses": [mail.recipient]},
            Content={
                "Simple": {
                    "Subject": _text(mail.subject),
                    "Body": _body(mail),
                    "Headers": [{"Name": "X-Interchange-Task", "Value": work.task_id}],
                }
            },
        )
    except ClientError as error:
        raise _refused(error.response["Error"]["Code"]) from error
    except BotoCoreError as error:
        raise Retryable(
            "email_unreachable", f"SES gave no answer: {type(error).__name__}."
        ) from error
    logger.info("E-mail accepted", mail_id=sent["MessageId"])
    return {"message_id": sent["MessageId"]}


def _body(mail: EmailNotification) -> Any:
    """Give the parts; a mail of HTML alone has no text, which readers would show in its place."""
    html = {"Html": _text(mail.html)} if mail.html else {}
    text = {} if html and not mail.body else {"Text": _text(mail.body or mail.subject)}
    return text | html


def _text(data: str) -> Any:
    return {"Data": data, "Charset": "UTF-8"}


def _refused(code: str) -> TaskError:
    detail = f"SES answered {code}."
    if code in _REFUSED:
        return Fatal("email_refused", detail)
    if code in _TOO_FAST:
        return RateLimited("email_refused", detail, after=1)
    return Retryable("email_refused", detail)
