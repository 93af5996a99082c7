"""The pure conversation engine: updates in, replies out. No Flask, Redis, SQL, HTTP or clock enters."""
