"""Worklists: what the civil orders team has to do, who does it, and what was decided."""
