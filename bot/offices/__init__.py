"""The offices outside (identity, portraits, card making, SMS): HTTP clients of the ports' Protocols."""
