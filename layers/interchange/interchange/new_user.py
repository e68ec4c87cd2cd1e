"""What makes a new user, whether a form or a row of a file says it."""

from typing import Annotated

from pydantic import StringConstraints

from interchange.validation import Body, EmailAddress, OneLine

PersonName = Annotated[OneLine, StringConstraints(min_length=1, max_length=200)]


class NewUser(Body):
    """An address, which is the identity, and a name."""

    email: EmailAddress
    name: PersonName
