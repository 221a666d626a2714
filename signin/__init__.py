"""Signing in and out: passwords, passkeys, codes, the force's identity provider; and how long it lasts."""
