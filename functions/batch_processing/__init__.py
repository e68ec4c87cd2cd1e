"""Batch Processing: many rows in one file, worked off in chunks."""
