"""What a reviewer waits for: three hundred decisions by keyboard, in a real browser."""
