"""What two or more patterns share: HTTP, events, rows, queues. Imports no pattern."""
