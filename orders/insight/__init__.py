"""Figures about orders over time, as plain data: what is counted, when and where (domain brief, section 8)."""
