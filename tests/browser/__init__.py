"""The phone page and the bot behind it, as a person meets them: in a real browser."""
