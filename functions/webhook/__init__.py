"""Webhook: other systems call us when something happens there."""
