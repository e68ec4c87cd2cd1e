"""How files are written, and how they are read: encodings, dialects, rows, cells."""
