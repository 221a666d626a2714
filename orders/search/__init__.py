"""Finding orders: by area, by person, at an instant; what can be asked, and what a list shows."""
