"""Sending pushes: see docs/push.md."""
