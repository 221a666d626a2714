"""From a source's extract bundle to the register: read, check, compare, apply."""
