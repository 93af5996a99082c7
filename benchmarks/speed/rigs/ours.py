"""Our application as `create_app` makes it, with one form more: sealing, router, logs, metrics."""

from __future__ import annotations

from flask import Flask

from benchmarks.speed.rigs.survey import WithSurvey
from bot.app import create_app
from config.settings import load_settings


def make(threads: int) -> Flask:
    return create_app(load_settings(), assembly=WithSurvey, threads=threads)
