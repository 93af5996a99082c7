"""How fast the web takes reports of sent messages, and a worker's lane places them."""
