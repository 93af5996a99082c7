"""The card-management office; of its interface, the question of eligibility."""

from __future__ import annotations

from bot.offices.http import OfficeHttp
from bot.ports import Eligibility

FACTS = ("insured", "has_card", "open_application")


class HttpCardMakingOffice:
    """`bot.ports.CardMakingOffice` over HTTP."""

    def __init__(self, http: OfficeHttp) -> None:
        self._http = http

    def eligibility(self, name: str, id_number: str, timeout: float) -> Eligibility:
        """What the office says of a number: insured here, has a card, has an application."""
        answer = self._http.ask("/v1/eligibility", {"name": name, "id_number": id_number}, timeout)
        if not all(isinstance(answer.get(fact), bool) for fact in FACTS):
            raise self._http.malformed()
        return Eligibility(**{fact: answer[fact] for fact in FACTS})
