"""What the `shebaoka` command does: a module per command, imported when it is called.

Only `bot.cli` enters here; a command is start-up code and may import whatever it starts.
"""
