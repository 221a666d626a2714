"""Wiring only: settings, addresses, processes."""
