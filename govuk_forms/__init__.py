"""Forms as GOV.UK Frontend marks them up: fields, errors, dates in three boxes. Knows nothing of orders."""
