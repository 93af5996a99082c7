"""Killing, freezing and redelivering for an hour, and an audit of what it left.

Enter by `python -m benchmarks.soak`. `auditor` and `seals` know nothing of the product's code.
"""
