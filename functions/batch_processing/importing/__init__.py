"""Import a file: its plan, its chunks, what becomes of each row, and the result files."""
