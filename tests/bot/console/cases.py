"""Applications before the officers, with pictures and everything that was read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from bot.assembly import Assembly
from models.application_states import Actor, State
from models.applications import Application, open_answers, replace_answers
from models.documents import add_document
from models.lifecycle import Lifecycle
from models.returns import Finding, add_return
from models.review.arrivals import hand_in
from models.staff import Staff
from tests.models.making import make_application, make_person, new_id

PICTURES = Path(__file__).parents[3] / "bot" / "simulator" / "pictures"
NAMES = ("陈国强", "赵小云", "周明远", "李小梅", "孙志强", "刘桂芳", "王艳", "田吉")
FITS = {"name": "white_left", "value": 0.97, "low": 0.9, "high": None, "ok": True}
UNFIT = {"name": "face_light", "value": 61, "low": 90, "high": 210, "ok": False}
_cases = count(1)


@cache
def picture(name: str) -> bytes:
    """A drawn picture, by its file name without `.jpg`."""
    return (PICTURES / f"{name}.jpg").read_bytes()


def id_number(serial: int) -> str:
    """A number of no real region, with its check digit."""
    digits = f"11999919{70 + serial % 30}0307{serial % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return (
        digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]
    )


def answers_of(serial: int, **other: Any) -> dict[str, Any]:
    """Everything agrees, unless told otherwise."""
    name, number = NAMES[serial % len(NAMES)], id_number(serial)
    read = {
        "name": name, "id_number": number, "ethnicity": "汉", "valid_until": "2038-05-12",
        "id_address": "云州市城东区和平路18号",
    }  # fmt: skip
    return {
        "for_whom": "self", **read, "ethnicity": "01", "sex": "male", "birth_date": "1990-03-07",
        "id_type": "RESIDENT_ID", "phone": "13900001234", "lives_at": "城东区和平路18号",
        "district": "119901", "status": "employed", "employer": "华云建筑劳务公司",
        "occupation": "030", "household": "51", "bank": "ABC", "branch": "ABC-01",
        "delivery": "pickup",
        "derived": ["birth_date", "household", "id_type", "occupation", "sex"],
        "checks": {"identity": "match", "phone_on_file": True, "read": read},
        **other,
    }  # fmt: skip


class Cases:
    """Hands applications in, sends them back and has them corrected."""

    def __init__(self, parts: Assembly) -> None:
        self.parts = parts

    @property
    def life(self) -> Lifecycle:
        parts = self.parts
        return Lifecycle(parts.keys, parts.city, parts.texts, parts.sources.new_id)

    @property
    def now(self) -> datetime:
        return self.parts.sources.clock()

    def add(
        self,
        *,
        promised: date = date(2026, 11, 30),
        district: str = "119901",
        own_photo: str = "",
        measures: list[Mapping[str, Any]] | None = None,
        **answers: Any,
    ) -> str:
        """One that was just handed in; its id. `own_photo` replaces the portrait on file."""
        with self.parts.database.writing() as records:
            given = answers_of(next(_cases), **answers)
            portrait = self._kept(records, own_photo or "portrait_chen_guoqiang", "portrait")
            given["portrait"] = {"source": "own" if own_photo else "on_file", "document": portrait}
            if measures:
                given["portrait"]["measures"] = measures
            given["id_photos"] = {
                side: self._kept(records, f"chen_guoqiang_{side}", "id_photo")
                for side in ("front", "back")
            }
            person = make_person(records, name=given["name"], id_number=given["id_number"])
            application = make_application(
                records, person, answers=given, district=district, bank="ABC", branch="ABC-01",
                delivery="pickup", promise_review_by=promised, now=self.now,
            )  # fmt: skip
            self._belongs(records, application, given)
            hand_in(records, self.parts.keys, self.parts.city, application, self.now)
            return application.id

    def queued(self, district: str) -> str:
        """One without pictures, where many are wanted."""
        with self.parts.database.writing() as records:
            given = answers_of(next(_cases))
            person = make_person(records, name=given["name"], id_number=given["id_number"])
            application = make_application(records, person, answers=given, district=district)
            hand_in(records, self.parts.keys, self.parts.city, application, self.now)
            return application.id

    def second_round(self, staff: Staff, photo: str = "portrait_zhou_mingyuan") -> str:
        """One that this officer sent back for its portrait, and that came again with another."""
        application_id = self.add(own_photo="portrait_he_jiawen", measures=[UNFIT])
        with self.parts.database.writing() as records:
            application = records.get_one(Application, application_id)
            self._move(records, application, State.UNDER_REVIEW, Actor.OFFICER, staff.by)
            self._move(records, application, State.RETURNED, Actor.OFFICER, staff.by, "PHOTO_BG")
            finding = Finding("PHOTO_BG", "portrait")
            returned = add_return(
                records, application.id, [finding], round_=1, by=staff.by, now=self.now,
                return_id=new_id(),
            )  # fmt: skip
            answers = open_answers(application, self.parts.keys)
            document = self._kept(records, photo, "portrait")
            answers["portrait"] = {"source": "own", "document": document, "measures": [FITS]}
            answers["lives_at"] = "城东区人民路1号"
            replace_answers(records, self.parts.keys, application, answers, Actor.CITIZEN, self.now)
            self._belongs(records, application, answers)
            returned.mended_at = self.now
            self._move(records, application, State.RESUBMITTED, Actor.CITIZEN, "")
        return application_id

    def state(self, application_id: str) -> str:
        with self.parts.database.reading() as records:
            return records.get_one(Application, application_id).state

    # --- small parts ------------------------------------------------------------------------

    def _move(self, records: Any, application: Application, to: State, actor: Actor, by: str,
              reason: str = "") -> None:  # fmt: skip
        self.life.advance(records, application, to, actor, self.now, by=by, reason=reason)

    def _kept(self, records: Any, name: str, kind: str) -> str:
        document = add_document(
            records, self.parts.keys, self.parts.objects, document_id=new_id(), kind=kind,
            image=picture(name), media_type="image/jpeg", width=358, height=441, draft_id=None,
            expires_at=None, now=self.now,
        )  # fmt: skip
        return document.id

    def _belongs(self, records: Any, application: Application, answers: Mapping[str, Any]) -> None:
        from models.documents import Document

        named = {answers["portrait"]["document"], *answers["id_photos"].values()}
        for document_id in named:
            records.get_one(Document, document_id).application_id = application.id
        records.flush()
