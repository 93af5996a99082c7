"""Everything on one machine: `shebaoka demo`, its children and its embedded Redis.

Only `bot.cli` and the tests enter here; nothing in production starts a child from this room.
"""
