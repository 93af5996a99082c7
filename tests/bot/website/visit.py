"""Guests of the pages for progress and trust, and what is stored for them to ask about."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import select, update
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from models.applications import Application
from models.notices import Notice
from tests.bot.site import Site
from tests.bot.website.guest import Guest
from tests.models.making import KEYS, make_application, make_person

NAME, NUMBER, PHONE = "陈国强", "119999199003070019", "13900001234"
_sites: dict[int, str] = {}


def address_at(site: Site) -> str:
    """The address that a site's visitors share: what is counted in Redis outlives a site."""
    return _sites.setdefault(id(site.parts), f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1")


class Visit(Guest):
    """A guest at an address, who looks at what an answer says beside its page."""

    def __init__(self, site: Site, *, address: str = "") -> None:
        super().__init__(site)
        browser = site.app.test_client()
        browser.environ_base["REMOTE_ADDR"] = address or address_at(site)
        self.client = browser
        self.location, self.answered = "", Headers()

    def only_send(self, path: str, once: str = "", **fields: str) -> None:
        """Send a form of the last page, and follow nowhere."""
        self._read(self.post(path, once=once, **fields))

    def _read(self, answer: TestResponse) -> None:
        super()._read(answer)
        self.answered, self.location = answer.headers, answer.headers.get("Location", "")


def handed_in(site: Site, **more: Any) -> Application:
    """An application of 陈国强, handed in from somewhere else."""
    branch = site.parts.city.branches[0]
    usual = {"account": "wechat:wx1:oElsewhere", "answers": {"name": NAME, "phone": PHONE},
             "delivery": "pickup", "branch": branch.code, "bank": branch.bank}  # fmt: skip
    with site.parts.database.writing() as records:
        return make_application(records, make_person(records), **{**usual, **more})


def put(site: Site, application: Application, **columns: Any) -> None:
    """As if much had happened since."""
    with site.parts.database.writing() as records:
        wanted = Application.id == application.id
        records.execute(update(Application).where(wanted).values(**columns))


def codes(site: Site) -> list[str]:
    """The codes that are on their way to a phone, in their order."""
    with site.parts.database.reading() as records:
        going = select(Notice).where(Notice.kind == "sms", Notice.state == "queued")
        rows = records.scalars(going.order_by(Notice.seq)).all()
        return [row.open_payload(KEYS)["params"]["code"] for row in rows]
