"""Send an e-mail with SES.

At least once: SES has no idempotency key, so a worker that dies between SES's acceptance and the
row's update (two calls apart, milliseconds) sends again. Every mail names its task in the header
`X-Interchange-Task`, which tells the copies of one task from two tasks.
"""

from dataclasses import dataclass
from typing import Annotated

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import StringConstraints

from interchange import aws, config
from interchange.validation import ONE_LINE, Body, EmailAddress
from message_queue.task_types.outcome import Fatal, Retryable, Work


@dataclass(frozen=True)
class Settings:
    """What the template gives the worker for this type."""

    sender_address: str


settings = config.reader(Settings)

# One line: a break in a subject would start a header of the caller's own.
Subject = Annotated[str, StringConstraints(min_length=1, max_length=200), ONE_LINE]
Text = Annotated[str, StringConstraints(max_length=100_000)]

_REFUSED = frozenset({"BadRequestException", "MessageRejected", "MessageRejectedException"})


class EmailNotification(Body):
    """A plain-text message to one recipient; without a body the subject says it all."""

    recipient: EmailAddress
    subject: Subject
    body: Text = ""


def run(mail: EmailNotification, work: Work) -> None:
    """Send it; Fatal when SES refuses this message, Retryable when SES is throttled or away."""
    try:
        aws.sesv2().send_email(
            FromEmailAddress=settings().sender_address,
            Destination={"ToAddresses": [mail.recipient]},
            Content={
                "Simple": {
                    "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                    "Body": {"Text": {"Data": mail.body or mail.subject, "Charset": "UTF-8"}},
                    "Headers": [{"Name": "X-Interchange-Task", "Value": work.task_id}],
                }
            },
        )
    except ClientError as error:
        code = error.response["Error"]["Code"]
        kind = Fatal if code in _REFUSED else Retryable
        raise kind("email_refused", f"SES answered {code}.") from error
    except BotoCoreError as error:
        raise Retryable(
            "email_unreachable", f"SES gave no answer: {type(error).__name__}."
        ) from error
