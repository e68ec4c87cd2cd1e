"""The template in moto, and a customer with a server, for whichever test asks for them."""

from collections.abc import Iterator

import pytest

from tests.customers import Customer, forget_connections
from tests.moto_cloud import Cloud, cloud, deployment
from tests.receiver import Receiver

__all__ = ["cloud", "customer", "deployment"]


@pytest.fixture
def customer(cloud: Cloud) -> Iterator[Customer]:
    """A customer whose server listens on this machine."""
    with Receiver() as server:
        yield Customer(cloud, server)
    forget_connections()
