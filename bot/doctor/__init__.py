"""Whether everything that this service stands on is there, and what to do about what is not.

`shebaoka doctor` and a daily chore of the worker ask; `bot.app` puts the checks together. Nothing
is mended here.
"""
