"""The measuring of speed: invented registers of any size, and ratios measured on them in one run."""
