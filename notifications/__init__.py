"""The daily email."""
