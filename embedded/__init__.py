"""Everything on one machine, for trying, testing and demonstration. A production install never imports this."""
