"""Reference data: areas, postcodes, bank holidays and legal cards, changed by proposal, with what depends on them."""
