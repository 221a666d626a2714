"""Civil interventions against people: recorded, corrected, found, and their words opened, by the few who may."""
