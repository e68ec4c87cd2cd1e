"""What makes a new user, whether a form or a row of a file says it."""

from typing import Annotated

from pydantic import StringConstraints

from interchange.validation import ONE_LINE, Body, EmailAddress

PersonName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), ONE_LINE
]


class NewUser(Body):
    """An address, which is the identity, and a name."""

    email: EmailAddress
    name: PersonName
