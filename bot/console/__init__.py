"""The console at `/console`: what staff see and do. A Flask application of its own, so that its
cookies and checks are on none of the webhooks. Entered by `bot.app`, which mounts it."""
