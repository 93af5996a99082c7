"""The review: who looks at which application, what is decided, and when it takes effect. The rules
alone; pages are the console's, clocks the worker's."""
