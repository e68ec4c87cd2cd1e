"""Export a table: who of it is wanted, segment by segment, and the one file that they become."""
