"""Request-Response: ask, and have the answer in the same breath."""
