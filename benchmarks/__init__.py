"""Measure the read path beside what else one could have written; README.md says what and how."""
