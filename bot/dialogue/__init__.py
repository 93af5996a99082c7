"""The pure conversation engine: updates in, replies out. Neither I/O nor a clock enters."""
