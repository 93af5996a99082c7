"""The service: how a message travels. Holds no code of its own; start at `bot.app` and `bot.turn`."""
