"""What may be shown of a personal datum to its owner: one table of rules per kind of channel."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

from models.person_names import DOT

Item = Literal["name", "id_number", "phone", "address", "bank_card"]
Table = Mapping[Item, Callable[[str], str]]

_STREET_END = re.compile(r".*?(?:路|街|巷|道|弄|里|村|乡|镇|社区|小区)")


def mask_name(name: str) -> str:
    """张三 → 张*, 张小三 → 张*三; two segments → the first's first character, `*`, the last one."""
    if DOT in name:
        return f"{name[0]}*{name[-1]}"
    if len(name) <= 2:
        return f"{name[0]}*" if len(name) == 2 else name and "*"
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def mask_id_number(number: str) -> str:
    """First 3 and last 4 of 18 places; first 2 and last 2 of any other number."""
    head, tail = (3, 4) if len(number) == 18 and number[0] != "9" else (2, 2)
    return _keep(number, head, tail)


def mask_phone(phone: str) -> str:
    """139****1234."""
    return _keep(phone, 3, 4)


def mask_address(address: str) -> str:
    """Down to the street, then `***`; nothing at all where no street is named."""
    street = _STREET_END.match(address)
    return f"{street.group() if street else ''}***"


def mask_bank_card(number: str) -> str:
    """The last four digits."""
    return _keep(number, 0, 4)


def _keep(text: str, head: int, tail: int) -> str:
    if len(text) <= head + tail:
        return "*" * len(text)
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]


def _last_only(name: str) -> str:
    return "*" * (len(name) - 1) + name[-1] if len(name) > 1 else "*" * len(name)


OWNER: Table = MappingProxyType(
    {
        "name": mask_name,
        "id_number": mask_id_number,
        "phone": mask_phone,
        "address": mask_address,
        "bank_card": mask_bank_card,
    }
)
# Alipay's rules for mini programs: ID number 1 + 1, phone 3 + 2, of a name the last character.
ALIPAY: Table = MappingProxyType(
    {
        "name": _last_only,
        "id_number": lambda number: _keep(number, 1, 1),
        "phone": lambda phone: _keep(phone, 3, 2),
        "address": lambda address: "***",
        "bank_card": mask_bank_card,
    }
)
TABLES: Mapping[str, Table] = MappingProxyType({"alipay": ALIPAY, "mini_alipay": ALIPAY})


def masks_of(channel: str) -> Table:
    """The table of a channel; `OWNER` where it has none of its own."""
    return TABLES.get(channel, OWNER)
