"""An application that came back, for the tests of what its person does about it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from config.city import City
from config.locales import Texts
from models.application_states import Actor, State
from models.applications import Application, move, open_answers, submit
from models.database import Database
from models.documents import Document
from models.lifecycle import Lifecycle
from models.people import Proof, keep_person
from models.returns import Finding, Return, add_return, open_return
from models.sealing import Keyring
from tests.handlers.chat import NAME, NUMBER, PHONE, Chat
from tests.models.making import KEYS, new_id

ANSWERS: dict[str, Any] = {
    "for_whom": "self", "name": NAME, "sex": "male", "birth_date": "1990-03-07",
    "id_type": "RESIDENT_ID", "id_number": NUMBER, "ethnicity": "01",
    "id_address": "江岭省石桥县五组", "valid_until": "2038-05-12", "phone": PHONE,
    "lives_at": "城东区和平路18号", "district": "chengdong", "status": "employed",
    "employer": "华云建筑劳务公司", "occupation": "030", "household": "52", "bank": "abc",
    "branch": "", "delivery": "pickup", "portrait": {"source": "own", "document": "p" * 32},
    "id_photos": {"front": "f" * 32, "back": "b" * 32},
    "derived": ["birth_date", "household", "id_type", "occupation", "sex"],
    "checks": {
        "identity": "match", "eligibility": None, "phone_on_file": True, "read": {"name": NAME},
    },
}  # fmt: skip
PORTRAIT = Finding("PHOTO_BG", "portrait")
NEW, OTHER = "n" * 32, "o" * 32
BLURRED = Finding("ID_BLUR", "id_photos")
UNREACHED = Finding("PHONE_INVALID", "phone")
SUBMITTED = timedelta(days=-28)
RETURNED = timedelta(days=-21)


def life(city: City, texts: Texts, keys: Keyring = KEYS) -> Lifecycle:
    return Lifecycle(keys, city, texts, new_id)


def came_back(
    database: Database,
    city: City,
    texts: Texts,
    account: str,
    now: datetime,
    *findings: Finding,
    keys: Keyring = KEYS,
    answers: dict[str, Any] | None = None,
    holder_proven: bool = True,
) -> Application:
    """Handed in four weeks before `now`, sent back three weeks before, by its first reviewer."""
    with database.writing() as records:
        application = handed_in(
            records, city, account, now + SUBMITTED, keys, answers or {}, holder_proven
        )
        for document in ("p", "f", "b"):
            _keep(records, application, document * 32, now)
        back = now + RETURNED
        send_back(records, city, texts, application, back, *(findings or (PORTRAIT,)), keys=keys)
        records.flush()
        records.expunge_all()
    return application


def handed_in(
    records: Any,
    city: City,
    account: str,
    at: datetime,
    keys: Keyring,
    answers: dict[str, Any],
    holder_proven: bool,
) -> Application:
    """With every answer of the form, for the branch of the golden dialogues."""
    branch = next(b for b in city.branches if b.name == "农业银行和平路支行")
    where: dict[str, Any] = {
        "district": branch.district,
        "bank": branch.bank,
        "branch": branch.code,
    }
    holder = keep_person(
        records, keys, person_id=new_id(), name=NAME, id_number=NUMBER, phone=PHONE,
        proof=Proof.ON_FILE, now=at,
    )  # fmt: skip
    return submit(
        records, keys, application_id=new_id(), number="YZ2611200731", draft_id=new_id(),
        form="card", form_version=1, account=account, applicant_id=holder.id, holder_id=holder.id,
        relation="self", holder_proven=holder_proven, answers={**ANSWERS, **where, **answers},
        delivery="pickup", promise_review_by=date(2026, 11, 27),
        promise_card_by=date(2026, 12, 18), now=at, **where,
    )  # fmt: skip


def send_back(
    records: Any,
    city: City,
    texts: Texts,
    application: Application,
    at: datetime,
    *found: Finding,
    keys: Keyring = KEYS,
) -> None:
    """An officer looks at it and finds something."""
    move(records, application, State.UNDER_REVIEW, Actor.OFFICER, at, by="staff:one")
    add_return(
        records,
        application.id,
        found,
        round_=application.round,
        by="staff:one",
        now=at,
        return_id=new_id(),
    )
    codes = " ".join(finding.code for finding in found)
    life(city, texts, keys).advance(
        records, application, State.RETURNED, Actor.OFFICER, at, by="staff:one", reason=codes
    )


def _keep(records: Any, application: Application, document: str, now: datetime) -> None:
    records.add(
        Document(
            id=document, draft_id=application.draft_id, application_id=application.id,
            kind="portrait_own", media_type="image/jpeg", size=3, width=400, height=500,
            wrapped_key=b"k", object_name=document, expires_at=None, created_at=now,
            digest=digest_of(document),
        )
    )  # fmt: skip


def digest_of(document: str) -> str:
    """As if the bytes were the id's first letter: one letter, one picture."""
    return document[0] * 64


def given(chat: Chat, document: str, like: str = "", form: str = "returned") -> str:
    """A photo that a job has stored for the draft that is open, of the bytes of another or new."""
    draft = chat.session.drafts[form]
    with chat.database.writing() as records:
        records.add(
            Document(
                id=document, draft_id=draft.id, application_id=None, kind="portrait_own",
                media_type="image/jpeg", size=3, width=400, height=500, wrapped_key=b"k",
                object_name=document, expires_at=chat.now + timedelta(days=30),
                created_at=chat.now, digest=digest_of(like or document),
            )
        )  # fmt: skip
    return document


def own_came_back(chat: Chat, *findings: Finding, **more: Any) -> Application:
    """The chat's own application, returned."""
    account = str(chat.account)
    return came_back(chat.database, chat.city, chat.texts, account, chat.now, *findings, **more)


def now_of(chat: Chat, application: Application) -> tuple[Application, dict[str, Any]]:
    """The row and its answers as they are."""
    with chat.database.reading() as records:
        row = records.get_one(Application, application.id)
        answers = open_answers(row, KEYS)
        records.expunge_all()
    return row, answers


def open_row(chat: Chat, application: Application) -> Return | None:
    with chat.database.reading() as records:
        row = open_return(records, application.id)
        records.expunge_all()
    return row


def retake(chat: Chat, document: str = NEW) -> str:
    """1, a photo, and what the bot says of it."""
    chat.says("在吗", "1")
    chat.photo()
    return chat.hears("take_portrait", document=given(chat, document))
