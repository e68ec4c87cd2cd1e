"""What steers the queue: what holds tasks back, puts them in order, and moves many at once."""
