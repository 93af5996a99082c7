"""Fuzzing: hostile input against properties in this process, and webhook bodies against a server.

`python -m benchmarks.fuzz --help` says how; `make fuzz` runs it at full counts. A found case is
kept below `tests/fuzz_cases/` and runs in `make test` from then on.
"""
