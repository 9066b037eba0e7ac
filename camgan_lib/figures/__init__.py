"""What the book shows: every function takes arrays and returns a matplotlib Figure or a table."""
