"""The identity office: the population register and the phone on file."""

from __future__ import annotations

from typing import Literal, cast

from bot.offices.http import OfficeHttp

RESULTS = frozenset({"match", "mismatch", "not_found"})


class HttpIdentityOffice:
    """`bot.ports.IdentityOffice` over HTTP."""

    def __init__(self, http: OfficeHttp) -> None:
        self._http = http

    def matches(
        self, name: str, id_number: str, timeout: float
    ) -> Literal["match", "mismatch", "not_found"]:
        """Whether name and number belong together in the population register."""
        answer = self._http.ask("/v1/check", {"name": name, "id_number": id_number}, timeout)
        result = answer.get("result")
        if not isinstance(result, str) or result not in RESULTS:
            raise self._http.malformed()
        return cast(Literal["match", "mismatch", "not_found"], result)

    def phone_on_file(self, id_number: str, phone: str, timeout: float) -> bool:
        """Whether this phone is the one on file for that number."""
        answer = self._http.ask("/v1/phone", {"id_number": id_number, "phone": phone}, timeout)
        on_file = answer.get("on_file")
        if not isinstance(on_file, bool):
            raise self._http.malformed()
        return on_file
