"""People: how names compare, which records stand for one person, and where they live."""
