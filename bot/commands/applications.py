"""`shebaoka application show`: what somebody applied for, as JSON, with a note in the audit."""

from __future__ import annotations

import json
import sys

from bot.commands.looking import looking
from models.applications import open_answers


def run(number: str, reason: str, purpose: str = "other") -> int:
    """Print all answers. The look is written down before anything is shown."""
    with looking(number, reason, purpose, "application.show") as (_, keys, application):
        answers = open_answers(application, keys)
    sys.stdout.write(json.dumps(answers, ensure_ascii=False, indent=2) + "\n")
    return 0
