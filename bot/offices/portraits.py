"""The portrait office: the photo on file in the population register."""

from __future__ import annotations

from bot.offices.http import OfficeHttp

PORTRAIT_LIMIT = 2 * 1024 * 1024
"""Bytes. A portrait for the card has 14 to 40 KB; camera files from before making are larger."""

JPEG_MAGIC = b"\xff\xd8\xff"


class HttpPortraitOffice:
    """`bot.ports.PortraitOffice` over HTTP."""

    def __init__(self, http: OfficeHttp) -> None:
        self._http = http

    def portrait(self, name: str, id_number: str, timeout: float) -> bytes | None:
        """The portrait on file as JPEG, or None when the office says that there is none."""
        person = {"name": name, "id_number": id_number}
        answer = self._http.post(
            "/v1/portrait", person, timeout, limit=PORTRAIT_LIMIT, expect=(404,)
        )
        if answer.status == 404:
            # A bare 404 is a wrong address, not a person without a portrait.
            if self._http.parse(answer).get("error") != "none":
                raise self._http.malformed()
            return None
        if answer.media_type != "image/jpeg" or not answer.body.startswith(JPEG_MAGIC):
            raise self._http.malformed()
        return answer.body
