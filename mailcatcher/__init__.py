"""A mail server that delivers nowhere, and a page to read what it caught: for trying and demonstration only."""
