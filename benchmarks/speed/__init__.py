"""`make bench`: how fast a turn is, side by side with what others would write for it."""
