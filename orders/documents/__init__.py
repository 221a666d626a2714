"""Documents of an order: told by content, scanned, kept sealed outside the web root, removed only with a reason."""
