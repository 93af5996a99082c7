"""The values of an identity: how each is read from what a person types, and shown to its owner."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from bot.dialogue.dates import LONG_TERM, names_no_day, read_date
from bot.dialogue.readings import Fault
from bot.dialogue.several import Value
from bot.dialogue.state import Draft
from bot.dialogue.steps import show_date
from models.ethnicities import ETHNICITIES, find_ethnicity
from models.id_numbers import IdNumberFault, parse_id_number
from models.masking import masks_of
from models.person_names import NameFault, normalise_name

_NAME_LEAD = re.compile(
    r"^(?:姓名|名字|我叫|叫|name|my name is)\s*(?:是|为|:|：)?\s*", re.IGNORECASE
)
_NUMBER_LEAD = re.compile(
    r"^(?:公民)?(?:身份证号码?|身份号码|证件号码?|号码|id number|number)\s*(?:是|为|:|：)?\s*", re.I
)


_QUESTION = re.compile(r"[?？吗呢么]$|怎么|咋|多少|为什么|什么时候|哪[里儿个了]")


def is_question(said: str) -> bool:
    """Whether words that could be a name of somebody or something are rather a question."""
    return bool(_QUESTION.search(said))


def read_name(turn: Any, draft: Draft | None, said: str) -> str:
    try:
        name = normalise_name(_NAME_LEAD.sub("", said))
    except NameFault as fault:
        raise Fault(f"name.{fault.code}") from None
    if any(ch.isdigit() for ch in name):
        raise Fault("name.characters")
    return name.upper() if name.isascii() else name  # as permits and registers print Latin names


def read_id_number(turn: Any, draft: Draft | None, said: str) -> str:
    if not any(ch.isdigit() for ch in said):
        raise Fault("id_number.empty")
    try:
        return parse_id_number(_NUMBER_LEAD.sub("", said), turn.today).value
    except IdNumberFault as fault:
        raise Fault(f"id_number.{fault.code}", count=fault.length) from None


def read_ethnicity(turn: Any, draft: Draft | None, said: str) -> str:
    code = find_ethnicity(said)
    if code is None:
        raise Fault("ethnicity")
    return code


def read_valid_until(turn: Any, draft: Draft | None, said: str) -> str:
    found = read_date(said)
    if found is None:
        raise Fault("no_such_day" if names_no_day(said) else "valid_until.unclear")
    if isinstance(found, date):
        if found < turn.today:
            raise Fault("valid_until.over", until=show_date(turn, found.isoformat()))
        return found.isoformat()
    return LONG_TERM


def read_id_address(turn: Any, draft: Draft | None, said: str) -> str:
    address = re.sub(r"\s+", "", said) if not said.isascii() else said.strip()
    if not 4 <= len(address) <= 100:
        raise Fault("id_address")
    return address


def show_person(turn: Any, id_number: str) -> str:
    """男，1990年3月7日出生: what the number says of its holder."""
    known = parse_id_number(id_number, turn.today)
    return str(
        turn.say(
            "card.sex_and_birth",
            sex=turn.say(f"card.sex.{known.sex}"),
            birth=show_date(turn, known.birth.isoformat()),
        )
    )


def show_ethnicity(turn: Any, draft: Draft | None, value: str) -> str:
    known = ETHNICITIES[value]
    return known.name_en if turn.session.locale == "en" else known.full_name


def show_id_number(turn: Any, draft: Draft | None, value: str) -> str:
    return masks_of(turn.account.channel)["id_number"](value)


NAME = Value("name", read_name)
ID_NUMBER = Value("id_number", read_id_number, show_id_number)
ETHNICITY = Value("ethnicity", read_ethnicity, show_ethnicity)
ID_ADDRESS = Value("id_address", read_id_address)
VALID_UNTIL = Value(
    "valid_until", read_valid_until, lambda turn, draft, value: show_date(turn, value)
)
READ_FROM_CARD = (NAME, ETHNICITY, ID_NUMBER, ID_ADDRESS, VALID_UNTIL)
