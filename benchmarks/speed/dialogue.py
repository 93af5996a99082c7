"""The dialogue that every stateful rig holds: an opening word, twelve questions, their answers.

Only the standard library, so that a peer's process carries nothing of ours. The texts are those of
`locales/`; what stands around them in our bot (header, numbers, footer) is written here once more,
and the bench refuses to measure when any rig says anything else.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

OPENING = "登记"
FOOTER = "0 返回 · 9 人工"
SECTIONS = ("you", "home", "work", "end")
LOCALES = Path(__file__).parent / "locales"


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `said` is what everybody answers, `value` what is kept, `shown` how."""

    name: str
    section: str
    kind: Literal["text", "day", "choice", "check"]
    said: str
    value: str
    shown: str
    options: tuple[str, ...] = ()


QUESTIONS = (
    Question("name", "you", "text", "赵小云", "赵小云", "赵小云"),
    Question("born", "you", "day", "1990年5月12日", "1990-05-12", "1990年5月12日"),
    Question(
        "schooling", "you", "choice", "3", "high", "高中",
        ("primary", "middle", "high", "college", "university"),
    ),
    Question(
        "mail", "you", "text", "云州市东湖区和平路28号3栋502室", "云州市东湖区和平路28号3栋502室",
        "云州市东湖区和平路28号3栋502室",
    ),
    Question(
        "lives_at", "home", "text", "云州市东湖区学院路7号1栋301室",
        "云州市东湖区学院路7号1栋301室", "云州市东湖区学院路7号1栋301室",
    ),
    Question("here_since", "home", "day", "2019年3月1日", "2019-03-01", "2019年3月1日"),
    Question("housing", "home", "choice", "2", "rented", "租的", ("own", "rented", "dormitory")),
    Question(
        "work", "work", "choice", "1", "employed", "在单位上班",
        ("employed", "own_business", "flexible", "none"),
    ),
    Question(
        "employer", "work", "text", "华云建筑劳务公司", "华云建筑劳务公司", "华云建筑劳务公司"
    ),
    Question("begun", "work", "day", "2021年7月1日", "2021-07-01", "2021年7月1日"),
    Question("pickup", "work", "choice", "1", "branch", "到网点取", ("branch", "mail")),
    Question("check", "end", "check", "确认", "", ""),
)  # fmt: skip

SAID = (OPENING, *(question.said for question in QUESTIONS))
"""What each person sends, message by message."""


@cache
def texts() -> dict[str, Any]:
    """The Chinese texts, as tables."""
    return tomllib.loads((LOCALES / "zh_CN" / "survey.toml").read_text("utf-8"))


def asked(number: int, shown: dict[str, str]) -> str:
    """Question `number` (from 0) as it is sent; `shown` are the answers in words, by name."""
    table, question = texts(), QUESTIONS[number]
    lines = []
    if number == 0 or QUESTIONS[number - 1].section != question.section:
        place = SECTIONS.index(question.section) + 1
        title = table["section"][question.section]
        lines.append(f"第{place}步/共{len(SECTIONS)}步 {title}")
    own = table[question.name]
    lines.append(own["ask"])
    lines += [f"{n} {own['option'][name]}" for n, name in enumerate(question.options, 1)]
    if question.kind == "check":
        lines += [f"{table[name]['label']}：{value}" for name, value in shown.items()]
        lines.append(own["after"])
    return "\n".join([*lines, FOOTER])


@cache
def replies() -> tuple[str, ...]:
    """What must be answered to each of `SAID`."""
    shown = {question.name: question.shown for question in QUESTIONS[:-1]}
    questions = [asked(number, shown) for number in range(len(QUESTIONS))]
    table = texts()
    return (f"{table['intro']}\n{questions[0]}", *questions[1:], f"{table['done']}\n{FOOTER}")
