"""What the OpenAPI document says of answers: every status with its body and an example."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from bot.api.problems import MEDIA_TYPE, PROBLEMS, TYPES

Answers = dict[str | int | HTTPStatus, type[BaseModel] | dict[Any, Any] | None]
ALWAYS = ("malformed", "too-many", "away")
SIGNED_IN = ("not-signed-in",)


def answers(ok: int, shape: type[BaseModel] | None, *problems: str, **more: Any) -> Answers:
    """The statuses of an operation: `ok` with `shape`, and each problem that it may end in.
    `more` are further statuses without a problem, as s202=Shape."""
    found: Answers = {str(ok): shape if shape else {"description": "Done"}}
    found |= {name.removeprefix("s"): each for name, each in more.items()}
    by_status: dict[int, list[str]] = {}
    for name in (*problems, *ALWAYS):
        by_status.setdefault(PROBLEMS[name].status, []).append(name)
    return found | {str(status): _problem(names) for status, names in by_status.items()}


def _problem(names: list[str]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": "; ".join(f"{name}: {PROBLEMS[name].title}" for name in names),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/ProblemBody"},
                "examples": {name: {"value": _example(name)} for name in names},
            }
        },
    }
    if any(PROBLEMS[name].status in (429, 503) for name in names):
        described["headers"] = {
            "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait"}
        }
    return described


def _example(name: str) -> dict[str, Any]:
    sort = PROBLEMS[name]
    shown: dict[str, Any] = {"type": f"{TYPES}{name}", "title": sort.title, "status": sort.status}
    return shown | {"detail": "…"}
