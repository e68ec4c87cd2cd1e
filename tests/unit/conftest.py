"""What the unit tests share."""

from hypothesis import settings

from tests.moto_cloud import cloud, deployment

__all__ = ["cloud", "deployment"]

# An example that is slow on a busy machine is no fault of the code.
settings.register_profile("interchange", deadline=None)
settings.load_profile("interchange")
