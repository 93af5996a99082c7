"""Background actors. Each wakes a lane; the work itself is claimed from SQL rows."""
