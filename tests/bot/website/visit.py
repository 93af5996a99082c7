"""A browser without scripts: it reads pages, fills in their forms, and follows where they lead."""

from __future__ import annotations

import html
import re
from typing import Any
from uuid import uuid4

from sqlalchemy import select, update

from models.applications import Application
from models.notices import Notice
from tests.bot.site import Site
from tests.models.making import KEYS, make_application, make_person

NAME, NUMBER, PHONE = "陈国强", "119999199003070019", "13900001234"
_sites: dict[int, str] = {}
_ONCE = re.compile(r'name="once" value="([^"]+)"')


def address_at(site: Site) -> str:
    """The address that a site's visitors share: what is counted in Redis outlives a site."""
    return _sites.setdefault(id(site.parts), f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1")


class Visit:
    """One browser at the site. `page` is the text of the last page."""

    def __init__(self, site: Site, *, address: str = "") -> None:
        self.site, self.address = site, address or address_at(site)
        self.client = site.app.test_client()
        self.status, self.page, self.location = 0, "", ""
        self.headers: Any = {}

    def get(self, path: str, **headers: str) -> str:
        return self._read(self.client.get(path, headers=headers, **self._from()))

    def post(self, path: str, **fields: str) -> str:
        """Send a form of the last page, and read where it leads."""
        self.send(path, **fields)
        return self.get(self.location.partition("#")[0]) if self.location else self.page

    def send(self, path: str, once: str = "", **fields: str) -> None:
        """Send a form of the last page, and follow nowhere."""
        sent = {"once": once or self.once(), **fields}
        self._read(self.client.post(path, data=sent, **self._from()))

    def once(self) -> str:
        """The hidden field of a form of the last page."""
        found = _ONCE.search(self.page)
        assert found, self.page[:300]
        return html.unescape(found.group(1))

    def text(self) -> str:
        """What is to be read on the last page."""
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", self.page)))

    def _from(self) -> dict[str, Any]:
        return {"environ_base": {"REMOTE_ADDR": self.address}}

    def _read(self, answer: Any) -> str:
        self.status, self.headers = answer.status_code, answer.headers
        self.location = answer.headers.get("Location", "")
        self.page = answer.get_data(as_text=True)
        return self.page


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
