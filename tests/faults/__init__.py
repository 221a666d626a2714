"""What goes wrong between us and the mail server, and what the register then does."""
