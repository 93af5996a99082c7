"""The service: how a message travels. Holds no code; start at `bot.app` and `bot.turn`."""
