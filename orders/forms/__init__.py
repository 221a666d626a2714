"""What the civil orders team types: one file a kind of page."""
