"""What an account may do: a verified one everything, another what the platform leaves it."""

from __future__ import annotations

from collections.abc import Iterable

from bot.simulator.errcodes import ApiFault

NEEDED = {
    "message/custom/send": "custom",
    "message/custom/typing": "custom",
    "message/template/send": "template",
    "message/mass/send": "mass",
    "message/mass/get": "mass",
    "message/mass/delete": "mass",
    "template/get_all_private_template": "template",
    "message/subscribe/bizsend": "subscription",
    "message/subscribe/send": "subscription",
    "wxaapi/newtmpl/gettemplate": "subscription",
    "menu/create": "menu",
    "menu/get": "menu",
    "menu/delete": "menu",
    "ticket/getticket": "ticket",
    "wxa/business/getuserphonenumber": "phone",
}
"""Call → the right it needs; a call that is not here needs none."""

ALL = frozenset({*NEEDED.values(), "msgmenu", "location", "desk"})
UNVERIFIED = frozenset(
    {"custom", "template", "mass", "subscription", "menu", "phone", "msgmenu", "location", "desk"}
)
"""What an account loses that was not verified."""


class Rights:
    """The rights of one account, which a script may take away and give back."""

    def __init__(self, verified: bool) -> None:
        self.verified = verified
        self.without: frozenset[str] = frozenset()

    def set(self, verified: bool, without: Iterable[str]) -> None:
        """`without`: rights that even a verified account has lost. Raises ValueError."""
        lost = frozenset(without)
        if not lost <= ALL:
            raise ValueError(f"rights are {', '.join(sorted(ALL))}")
        self.verified, self.without = verified, lost

    def has(self, right: str) -> bool:
        """Whether the account has this right now."""
        return right not in self.without and (self.verified or right not in UNVERIFIED)

    def check(self, call: str) -> None:
        """Raises `ApiFault` 48001 for a call that the account may not make."""
        if call in NEEDED and not self.has(NEEDED[call]):
            raise ApiFault(48001)
