"""What a reader sees: figures, browser widgets, live controls."""
