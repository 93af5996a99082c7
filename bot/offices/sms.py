"""The SMS office. It knows registered templates only: free text does not exist in China."""

from __future__ import annotations

from collections.abc import Mapping

from bot.offices.http import OfficeHttp


class HttpSmsOffice:
    """`bot.ports.SmsOffice` over HTTP."""

    def __init__(self, http: OfficeHttp) -> None:
        self._http = http

    def send(
        self, phone: str, template: str, params: Mapping[str, str], key: str, timeout: float
    ) -> None:
        """Send a registered template; the office sends one SMS for one `key`, however often asked.

        Raises `OfficeError`; with `retry` false the office refused it, e.g. an unknown template.
        """
        message = {"phone": phone, "template": template, "params": dict(params), "key": key}
        answer = self._http.ask("/v1/send", message, timeout)
        if not isinstance(answer.get("id"), str):
            raise self._http.malformed()
