"""Who may see and do what, what is logged of it, and how words about people are sealed."""
