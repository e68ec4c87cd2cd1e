"""Message Queue: work that is taken on now and done as soon as possible."""
