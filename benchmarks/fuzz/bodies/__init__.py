"""Mutated webhook bodies against the running server: granian, HTTP, Redis and SQLite, loopback."""
