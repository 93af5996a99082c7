"""The hand-over under fire: the site, the worker and the database die while cards are made."""
