"""Webhook: other systems call us when something happens there, and we call them."""
