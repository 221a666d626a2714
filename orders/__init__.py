"""The register and its search."""
