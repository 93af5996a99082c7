"""The offices that make cards, called as a city calls them."""
