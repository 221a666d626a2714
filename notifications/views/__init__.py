"""The pages about the daily email, one file each."""
