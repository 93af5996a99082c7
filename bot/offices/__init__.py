"""The offices outside, as HTTP clients of the ports' Protocols, and the reader of ID cards.

Only the start-up of the app and of the worker puts them together.
"""
