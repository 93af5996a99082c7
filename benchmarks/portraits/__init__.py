"""Which drawn photos the studio refuses wrongly, and which it takes wrongly."""
