"""Keep the product catalogue equal to a feed: runs, what they read, and what they write."""
