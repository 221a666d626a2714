"""The log as auditors use it: that nobody has touched it, who looked at what, what is odd, and a sample to review."""
