"""Speeds, soaks and fuzzing: what takes too long for `make test`. Not part of the product."""
