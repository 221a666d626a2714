"""The law as code: standard library only."""
