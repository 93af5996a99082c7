"""How the invented faces, cards and photos are drawn. `python -m bot.simulator.draw` does it."""
