"""The dialogue as one would write it by hand: a JSON of step and answers. For the two peers."""

from __future__ import annotations

import re
from typing import Any

from benchmarks.speed.dialogue import OPENING, QUESTIONS, Question, asked, texts

_DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
AGAIN = "没太明白您的意思。"


def answer(session: dict[str, Any], said: str) -> tuple[str, dict[str, str] | None]:
    """What to say; and the answers once they are confirmed. Changes `session`."""
    if said == OPENING:
        session.update(step=0, answers={}, shown={})
        return f"{texts()['intro']}\n{asked(0, {})}", None
    if "step" not in session:
        return AGAIN, None
    question = QUESTIONS[session["step"]]
    value = _read(question, said)
    if value is None:
        return AGAIN, None
    if question.kind == "check":
        answers = session["answers"]
        session.clear()
        session["done"] = True
        return f"{texts()['done']}\n0 返回 · 9 人工", answers
    session["answers"][question.name] = value
    session["shown"][question.name] = _show(question, value)
    session["step"] += 1
    return asked(session["step"], session["shown"]), None


def _read(question: Question, said: str) -> str | None:
    match question.kind:
        case "text":
            return said if 2 <= len(said) <= 60 else None
        case "day":
            found = _DAY.fullmatch(said)
            return "{}-{:0>2}-{:0>2}".format(*found.groups()) if found else None
        case "choice":
            number = int(said) if said.isdigit() else 0
            return question.options[number - 1] if 0 < number <= len(question.options) else None
        case "check":
            return said if said == "确认" else None


def _show(question: Question, value: str) -> str:
    if question.kind == "choice":
        return str(texts()[question.name]["option"][value])
    if question.kind == "day":
        year, month, day = value.split("-")
        return f"{year}年{int(month)}月{int(day)}日"
    return value
