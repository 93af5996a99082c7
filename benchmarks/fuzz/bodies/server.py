"""The server that is fuzzed: production's application under granian, its clock standing still.

`python -m benchmarks.fuzz.bodies.server PORT PROTECTION`, settings from the environment. The clock
stands where the bodies were sent, so that none grows stale and each can be sent again. With a name
of `weakened.WEAKENED` as PROTECTION the application has that one taken out.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from flask import Flask

import bot.app
from benchmarks.fuzz.bodies.messages import SECONDS
from benchmarks.fuzz.weakened import WEAKENED
from bot.assembly import real_sources
from bot.serving import serve
from config.settings import load_settings

WHOLE = "whole"
_PROTECTION = "FUZZ_PROTECTION"


def application(threads: int) -> Flask:
    """What a worker runs."""
    protection = os.environ[_PROTECTION]
    if protection != WHOLE:
        setattr(bot.app, "WeChatCodec", WEAKENED[protection])  # noqa: B010 - seen by its importer
    clock = partial(datetime.fromtimestamp, SECONDS, UTC)
    return bot.app.create_app(
        load_settings(), replace(real_sources(), clock=clock), threads=threads
    )


def main(port: str, protection: str) -> None:
    """Serve until told to stop."""
    os.environ[_PROTECTION] = protection
    serve("benchmarks.fuzz.bodies.server:application", "127.0.0.1", int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
