"""Places: the rows that search reads, worked out from residences and standing."""
