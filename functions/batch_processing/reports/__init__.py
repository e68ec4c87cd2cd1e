"""The daily report: its days, its rows, what it counts, and how it is shown."""
