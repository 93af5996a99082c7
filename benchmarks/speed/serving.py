"""Serve one rig with the service's own granian settings.

Usage: python -m benchmarks.speed.serving FACTORY PORT WORKERS THREADS
"""

from __future__ import annotations

import sys

from bot.serving import serve


def main(arguments: list[str]) -> None:
    factory, port, workers, threads = arguments
    serve(factory, "127.0.0.1", int(port), workers=int(workers), threads=int(threads))


if __name__ == "__main__":
    main(sys.argv[1:])
