"""Logs: one JSON object a line, with ids and nothing personal."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up_logs() -> None:
    """Structured lines on standard error. What libraries log below a warning is dropped: their
    messages may quote an address with a token in it."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s %(message)s")
    for name in (
        "urllib3",
        "requests",
        "werkzeug",
        "sqlalchemy",
        "alembic",
        "rapidocr",
        "RapidOCR",
    ):
        logging.getLogger(name).setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
