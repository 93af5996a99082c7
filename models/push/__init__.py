"""Pushes: what staff tell many people at once; see docs/push.md."""
