"""`Console`: what every page of the console is made with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, render_template, request, session, url_for
from sqlalchemy.orm import Session as Records

from bot.console.menu import entries, marked
from bot.console.permissions import ALLOWED, SIGNED_IN, office_of
from bot.console.sessions import Visit
from bot.ports import Sources
from config.city import City
from config.locales import Texts
from config.reasons import Reason
from config.settings import Settings
from config.templates import Templates
from models.audit import Act, audit
from models.database import Database
from models.documents import ObjectStore
from models.lifecycle import Lifecycle
from models.sealing import Keyring
from models.staff import Staff


@dataclass(frozen=True)
class Console:
    """Made once; `me` belongs to a request."""

    settings: Settings
    city: City
    texts: Texts
    templates: Templates
    reasons: Mapping[str, Reason]  # with what staff published
    keys: Keyring
    database: Database
    objects: ObjectStore
    redis: Any
    sources: Sources
    ring: Callable[[str], None]  # wakes a lane of the workers
    sections: Mapping[str, Sequence[str]]  # of each form, as residents read them
    mark: Callable[[bytes, str, int], bytes]
    """A JPEG, the words to lay over it, the longest side in pixels: the JPEG that may be shown."""
    fits: Callable[[Mapping[str, Any]], list[str]]  # why one could not start with changed words
    rungs: Mapping[str, Sequence[str]]  # of each channel that is served, the best first

    @property
    def life(self) -> Lifecycle:
        """The door through which an application's state changes."""
        return Lifecycle(self.keys, self.city, self.texts, self.sources.new_id, self.reasons)

    @property
    def me(self) -> Staff:
        """Who is signed in, as of this request's beginning."""
        staff: Staff = g.staff
        return staff

    @property
    def shift_ends(self) -> datetime:
        """When this session ends in any case; what somebody claims is theirs no longer than that.
        In the city's time zone."""
        visit: Visit = session  # type: ignore[assignment]
        return (visit.ends_at or self.now()).astimezone(self.city.tz)

    def now(self) -> datetime:
        """Aware, in the city's time zone."""
        return self.sources.clock().astimezone(self.city.tz)

    def render(self, template: str, **values: object) -> str:
        """A page of the console; `me`, `city` and the menu are there in each."""
        me = g.get("staff")
        lines = [(url_for(endpoint), name) for endpoint, name in entries(me)]
        menu = marked(lines, request.root_path.rstrip("/") + request.path)
        return render_template(template, me=me, city=self.city, menu=menu, **values)

    def note(
        self,
        records: Records,
        act: Act,
        subject: str,
        reason: str,
        *,
        purpose: str,
        **detail: object,
    ) -> None:
        """Write into the audit trail what is about to be shown or done, in the same transaction.
        What a person is told of it: see `models.looks`. `subject`: `application:<id>`. In what
        office somebody does it follows from the route; `purpose` is one of `looks.PURPOSES`."""
        role = office_of(self.me, ALLOWED.get(request.endpoint or "", SIGNED_IN))
        detail = {"role": role, "purpose": purpose, **detail}
        audit(
            records,
            actor=self.me.by,
            act=act,
            subject=subject,
            reason=reason,
            now=self.now(),
            detail=detail,
        )
