"""The roads by which messages arrive and leave, a package each. Only `bot.app` may import them."""
