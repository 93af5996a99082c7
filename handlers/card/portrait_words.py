"""What is said of a photo that does not pass: the first thing to mend, and the other ways out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from bot.dialogue.form import TRIES
from bot.dialogue.state import Draft
from bot.ports import PORTRAIT_FAULTS

INSIST = ("insist", "again", "counter")
CLEAR = {"face", "light", "sharp"}
"""What must surely be good for the face to be praised."""

TEXTS = (
    "on_file", "on_file_again", "own", "own_again", "fits", "unsure", "none_on_file", "send",
    "refused", "or_on_file", "or_insist", "or_else", "insisted",
    "watermark", "caption", "caption_own", "caption_fault",
    *(f"{kind}.{value}" for kind in ("option", "option_words")
      for value in ("use", "another", *INSIST)),
    "on_file_words", "still_taking", "still_fetching", "shown.on_file", "shown.own", "label",
)  # fmt: skip
"""The texts of the question, below its own key."""


class Worded(Protocol):
    def key(self, what: str) -> str: ...


def wrong_words() -> Iterator[str]:
    """The keys of every fault and of how to mend it."""
    yield from ("portrait.praise.sharp", "portrait.praise.none")
    for fault in PORTRAIT_FAULTS:
        yield from (f"portrait.fault.{fault}", f"portrait.mend.{fault}")


def is_sure(measures: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all was measured, and is good."""
    return all(measure["ok"] for measure in measures)


def took_down(draft: Draft, data: Mapping[str, Any]) -> dict[str, Any]:
    """Note a photo that did not pass, so that the same one is known again."""
    noted = draft.facts.setdefault("portraits", {"tries": 0, "refused": []})
    noted["tries"] += 1
    noted["refused"] = [*noted["refused"], data["original"]][-TRIES:]
    names = ("problem", "sound", "framed", "document", "original", "measures")
    return {name: data[name] for name in names if name in data}


def refused_before(draft: Draft) -> list[str]:
    """The documents of photos that did not pass, here or at an officer's."""
    noted: list[str] = draft.facts.get("portraits", {}).get("refused", [])
    return noted


def offers_help(draft: Draft) -> bool:
    """From the third failure on: the ways out are numbered."""
    return bool(draft.facts.get("portraits", {}).get("tries", 0) >= TRIES)


def refusal(
    step: Worded, turn: Any, draft: Draft, problem: Mapping[str, Any], *, on_file: bool
) -> str:
    """五官很清楚，可右边墙上有影子…: the fact, what comes of it, the remedy; then other ways."""
    fault = problem["problem"]
    clear = set(problem.get("sound", ())) >= CLEAR and fault != "repeated"
    lines = [
        turn.say(
            step.key("refused"),
            praise=turn.say(f"portrait.praise.{'sharp' if clear else 'none'}"),
            fault=turn.say(f"portrait.fault.{fault}"),
            mend=turn.say(f"portrait.mend.{fault}"),
        )
    ]
    if on_file:
        lines.append(turn.say(step.key("or_on_file")))
    if offers_help(draft):
        lines.append(turn.say(step.key("or_else")))
    elif draft.facts["portraits"]["tries"] > 1:
        lines.append(turn.say(step.key("or_insist")))
    return "\n".join(lines)
