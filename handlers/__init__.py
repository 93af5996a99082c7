"""What the bot can talk about: one module or folder per conversation. Sees turns, never channels."""
