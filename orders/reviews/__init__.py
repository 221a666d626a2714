"""The monthly review of stalking protection orders at each local policing area's tactical board."""
