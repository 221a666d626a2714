"""The register for other systems, by the extract contract: the same permissions as the pages."""
