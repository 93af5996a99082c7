"""Pushes at the console: written, forecast, approved by a second person, watched, stopped."""
