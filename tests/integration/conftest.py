"""The template in moto, for whichever test asks for it."""

from tests.moto_cloud import cloud, deployment

__all__ = ["cloud", "deployment"]
