"""People, the accounts they write from, and whom an account acts for.

A person's row is found by the blind index of the identity number. What it says of phone and name
comes from the strongest proof so far: who merely claims a number changes nothing of what its owner
has proven.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    or_,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.id_numbers import birth_year, kind_of
from models.platform_ids import kind_named
from models.recipients import another_recipient, key_of, own_recipient
from models.records import ACCOUNT_KEY_LENGTH, ID_LENGTH, Record, Sealed, place
from models.sealing import Keyring

Row = TypeVar("Row", bound=Record)


class Proof(IntEnum):
    """How well it is proven that people are who they say. Higher includes lower."""

    CLAIMED = 0
    CODE = 1  # a code sent to the phone they gave came back
    ON_FILE = 2  # and that phone is the one on file for their identity number
    REAL_NAME = 3  # the platform's or the state's real-name authentication

    @property
    def is_proven(self) -> bool:
        """Whether it is enough to be bound, told of progress, and held to one open application."""
        return self >= Proof.ON_FILE


class Person(Record):
    """Somebody with an identity number, applicant or holder."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[bytes] = mapped_column(Sealed)
    id_number: Mapped[bytes] = mapped_column(Sealed)
    id_index: Mapped[str] = mapped_column(String(64), unique=True)
    id_kind: Mapped[str] = mapped_column(String(32))
    phone: Mapped[bytes | None] = mapped_column(Sealed)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    phone_proven: Mapped[int]  # a `Proof`
    birth_year: Mapped[int | None] = mapped_column(SmallInteger)  # where the number says it
    created_at: Mapped[datetime]

    def open_name(self, keys: Keyring) -> str:
        """The name in the clear."""
        return keys.open(self.name, place("people", "name", self.id)).decode()

    def open_id_number(self, keys: Keyring) -> str:
        """The identity number in the clear."""
        return keys.open(self.id_number, place("people", "id_number", self.id)).decode()

    def open_phone(self, keys: Keyring) -> str | None:
        """The phone in the clear, if there is one."""
        if self.phone is None:
            return None
        return keys.open(self.phone, place("people", "phone", self.id)).decode()


class Account(Record):
    """One person's account in one app of one channel. Bound to a person after proof only."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("channel", "app", "user"),
        Index("uq_accounts_key", "key", unique=True),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    channel: Mapped[str] = mapped_column(String(128))
    app: Mapped[str] = mapped_column(String(128))
    user: Mapped[str] = mapped_column(String(128))
    user_kind: Mapped[str] = mapped_column(
        String(16)
    )  # openid | open_id | user_id | legacy | session
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"), index=True)
    bound_at: Mapped[datetime | None]
    locale: Mapped[str] = mapped_column(String(16))
    last_inbound_at: Mapped[datetime | None]
    followed: Mapped[bool]
    left_at: Mapped[datetime | None]  # since when it does not follow: what is kept of it has an end
    subscription_credits: Mapped[dict[str, Any]] = mapped_column(JSON)  # by template id
    created_at: Mapped[datetime]
    key: Mapped[str] = mapped_column(
        String(ACCOUNT_KEY_LENGTH), default=key_of
    )  # `channel:app:user`, as turns, jobs, notices and applications name the account
    recipient: Mapped[int] = mapped_column(
        BigInteger, index=True, default=own_recipient
    )  # all accounts of one person have the same: a push goes to it, once
    announcements_since: Mapped[datetime | None]  # they want to hear announcements
    stopped_at: Mapped[datetime | None]  # they want to hear of no campaign

    def let_go(self) -> None:
        """It is nobody's any more: a recipient of its own."""
        if self.person_id is not None:
            self.recipient = another_recipient(self.created_at)
        self.person_id = self.bound_at = None


class Holder(Record):
    """That an account acts for a person: its own, a child, a parent."""

    __tablename__ = "holders"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    relation: Mapped[str] = mapped_column(String(32))  # self | child | parent | …
    created_at: Mapped[datetime]


# --- accounts ----------------------------------------------------------------------------------


_KINDS: Mapping[str, str] = {"web": "session", "mini_alipay": "user_id", "alipay": "user_id"}


def find_account(records: Records, key: str) -> Account | None:
    """The account `channel:app:user`, or None when it has never written a record."""
    return records.scalar(select(Account).where(Account.key == key))


def account_of(records: Records, key: str, now: datetime, *, locale: str = "zh_CN") -> Account:
    """The account `channel:app:user`, made at its first use."""
    found = find_account(records, key)
    if found is not None:
        return found
    channel, app, user = key.split(":")
    account = Account(
        id=uuid4().hex,
        channel=channel,
        app=app,
        user=user,
        user_kind=kind_named(records, key) or _KINDS.get(channel, "openid"),
        locale=locale,
        followed=True,
        subscription_credits={},
        created_at=now,
    )
    return _insert(records, account, lambda: find_account(records, key))


def bind(records: Records, account: str, person_id: str, now: datetime) -> Account:
    """Remember that this account is this person's. The caller has seen the proof."""
    row = account_of(records, account, now)
    if row.person_id != person_id or row.bound_at is None:
        row.bound_at = now
        row.recipient = _recipient_of(records, person_id, row)
    row.person_id, row.last_inbound_at = person_id, now
    records.flush()
    return row


def _recipient_of(records: Records, person_id: str, row: Account) -> int:
    """The number of this person's accounts: the first one brought its own."""
    theirs = select(Account.recipient).where(Account.person_id == person_id, Account.id != row.id)
    known = records.scalar(theirs.order_by(Account.bound_at, Account.id).limit(1))
    if known is not None:
        return known
    alone = row.person_id in (None, person_id)
    return row.recipient if alone else another_recipient(row.created_at)


def unbind(records: Records, account: str) -> None:
    """Forget whose account it is."""
    row = find_account(records, account)
    if row is not None:
        row.let_go()
        records.flush()


def accounts_of(records: Records, person_id: str) -> list[Account]:
    """The accounts bound to a person, the earliest first: since `bound_at`, last used on the day of
    `last_inbound_at`."""
    theirs = select(Account).where(Account.person_id == person_id)
    return list(records.scalars(theirs.order_by(Account.bound_at, Account.id)).all())


def unbind_other(records: Records, account: str, other_id: str) -> bool:
    """Forget, on the word of one account, that another (by its row's id) is the same person's.
    False when it is not: nothing is changed."""
    mine = find_account(records, account)
    other = records.get(Account, other_id, populate_existing=True)
    if mine is None or other is None or mine.person_id is None or mine.id == other.id:
        return False
    if other.person_id != mine.person_id:
        return False
    other.let_go()
    records.flush()
    return True


def act_for(records: Records, account: str, person_id: str, relation: str, now: datetime) -> None:
    """Note whom the account acts for; the latest relation holds."""
    row = account_of(records, account, now)
    holder = Holder(account_id=row.id, person_id=person_id, relation=relation, created_at=now)
    records.merge(holder)
    records.flush()


def holders_of(records: Records, account: str) -> list[Holder]:
    """Whom the account acts for, the earliest first."""
    row = find_account(records, account)
    mine = select(Holder).where(Holder.account_id == (row.id if row else ""))
    return list(records.scalars(mine.order_by(Holder.created_at, Holder.person_id)).all())


# --- people ------------------------------------------------------------------------------------


def find_person(records: Records, keys: Keyring, id_number: str) -> Person | None:
    """Whose normalised identity number this is, or None."""
    found = select(Person).where(Person.id_index == id_index(keys, id_number))
    return records.scalar(found)


def hold_people(records: Records, keys: Keyring, person_id: str, id_number: str) -> None:
    """A person and whoever has this number are ours alone until the transaction ends. Who changes
    both a person and applications takes the person first, as handing in does: else two may wait for
    each other."""
    either = or_(Person.id == person_id, Person.id_index == id_index(keys, id_number))
    theirs = select(Person).where(either).order_by(Person.id)
    # They keep their keys: who only refers to them need not wait.
    held = theirs.with_for_update(key_share=True).execution_options(populate_existing=True)
    records.execute(held).all()


def person_of(records: Records, account: str) -> Person | None:
    """The person an account is bound to, or None."""
    row = find_account(records, account)
    return records.get(Person, row.person_id) if row and row.person_id else None


def keep_person(
    records: Records,
    keys: Keyring,
    *,
    person_id: str,
    name: str,
    id_number: str,
    phone: str | None,
    proof: Proof,
    now: datetime,
) -> Person:
    """The person of this number; made with `person_id` when new.

    Name and phone are replaced only by a proof at least as strong as the one before, and never by
    a mere claim.
    """
    person = find_person(records, keys, id_number)
    if person is None:
        new = _new_person(keys, person_id, name, id_number, now)
        _learn(new, keys, name, phone, proof)
        person = _insert(records, new, lambda: find_person(records, keys, id_number))
        if person is new:
            return new
    if proof.is_proven and proof >= person.phone_proven:
        _learn(person, keys, name, phone, proof)
        records.flush()
    return person


def id_index(keys: Keyring, id_number: str) -> str:
    """The blind index of a normalised identity number."""
    return keys.index("id_number", kind_of(id_number), id_number)


def phone_index(keys: Keyring, phone: str) -> str:
    """The blind index of a normalised phone."""
    return keys.index("phone", "mobile", phone)


def _new_person(keys: Keyring, person_id: str, name: str, id_number: str, now: datetime) -> Person:
    return Person(
        id=person_id,
        name=keys.seal(name.encode(), place("people", "name", person_id)),
        id_number=keys.seal(id_number.encode(), place("people", "id_number", person_id)),
        id_index=id_index(keys, id_number),
        id_kind=kind_of(id_number).value,
        phone_proven=Proof.CLAIMED,
        birth_year=birth_year(id_number),
        created_at=now,
    )


def _learn(person: Person, keys: Keyring, name: str, phone: str | None, proof: Proof) -> None:
    person.name = keys.seal(name.encode(), place("people", "name", person.id))
    person.phone_proven = proof
    if phone is not None:
        person.phone = keys.seal(phone.encode(), place("people", "phone", person.id))
        person.phone_index = phone_index(keys, phone)


def _insert(records: Records, row: Row, twin: Callable[[], Row | None]) -> Row:
    """Add a row, or give its twin that somebody else added meanwhile."""
    try:
        with records.begin_nested():
            records.add(row)
    except IntegrityError:
        other = twin()
        if other is None:
            raise
        return other
    return row
