"""Public pages of the service itself: home, notices, one-use pictures."""
