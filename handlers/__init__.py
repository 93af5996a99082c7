"""What the bot can talk about, a module or folder each. Handlers see turns, never channels."""
