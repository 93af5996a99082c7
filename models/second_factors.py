"""The second factor of staff: six digits from their phone (TOTP, RFC 6238), or a recovery code.

Each time-step's code is taken once. Recovery codes are for a lost phone: ten, each good once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest

import pyotp
from sqlalchemy import ForeignKey, String, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import ID_LENGTH, Record, place
from models.sealing import Keyring
from models.staff import Staff

STEP_SECONDS = 30
AROUND = (-1, 0, 1)  # steps by which a phone's clock may differ
RECOVERY_CODES = 10
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32: five bits each
_GROUPS, _GROUP = 4, 4


class RecoveryCode(Record):
    """One of the codes that were shown once. 80 bits are not guessed: a plain hash will do."""

    __tablename__ = "staff_recovery_codes"

    staff_id: Mapped[str] = mapped_column(
        String(ID_LENGTH), ForeignKey("staff.id"), primary_key=True
    )
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime | None]


def draw_secret(records: Records, keys: Keyring, staff: Staff) -> str:
    """A new secret for somebody's phone, in place of any earlier one; returned to be shown once.
    It counts from `confirm_secret` on."""
    secret = pyotp.random_base32()
    staff.totp_secret = keys.seal(secret.encode(), place("staff", "totp_secret", staff.id))
    staff.totp_ready, staff.totp_step = False, 0
    records.flush()
    return secret


def secret_of(staff: Staff, keys: Keyring) -> str | None:
    """The secret that somebody's phone has, or is about to have."""
    if staff.totp_secret is None:
        return None
    return keys.open(staff.totp_secret, place("staff", "totp_secret", staff.id)).decode()


def confirm_secret(
    records: Records, keys: Keyring, staff: Staff, code: str, now: datetime
) -> list[str] | None:
    """The phone shows the right code: the secret counts. Returns the recovery codes, which are
    shown once; None for a wrong code."""
    if staff.totp_ready or not take_code(records, keys, staff, code, now):
        return None
    staff.totp_ready = True
    return draw_recovery_codes(records, staff)


def take_code(records: Records, keys: Keyring, staff: Staff, code: str, now: datetime) -> bool:
    """Whether a code is right, and newer than the last one that was taken. Two who send the same
    code at once: one is refused."""
    secret = secret_of(staff, keys)
    step = _step(secret, code, now) if secret else None
    if step is None:
        return False
    newer = update(Staff).where(Staff.id == staff.id, Staff.totp_step < step)
    return bool(records.scalar(newer.values(totp_step=step).returning(Staff.id)))


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The time-step to which a code belongs; each is compared, right or wrong."""
    otp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    steps = [present + by for by in AROUND]
    right = [s for s in steps if compare_digest(otp.generate_otp(s).encode(), code.encode())]
    return right[0] if right else None


def draw_recovery_codes(records: Records, staff: Staff) -> list[str]:
    """Ten new ones in place of any earlier ones, to be shown once: `ABCD-EFGH-JKLM-NPQR`."""
    forget_recovery_codes(records, staff.id)
    codes = [_drawn() for _ in range(RECOVERY_CODES)]
    records.add_all(
        RecoveryCode(staff_id=staff.id, code_hash=_hash(code), used_at=None) for code in codes
    )
    records.flush()
    return codes


def take_recovery_code(records: Records, staff_id: str, code: str, now: datetime) -> bool:
    """Whether this is one that was not used yet; it is used then."""
    mine = (RecoveryCode.staff_id == staff_id, RecoveryCode.code_hash == _hash(code))
    unused = update(RecoveryCode).where(*mine, RecoveryCode.used_at.is_(None))
    used = unused.values(used_at=now).returning(RecoveryCode.code_hash)
    return records.scalar(used) is not None


def recovery_codes_left(records: Records, staff_id: str) -> int:
    """How many are good still."""
    unused = (RecoveryCode.staff_id == staff_id) & RecoveryCode.used_at.is_(None)
    return records.scalar(select(func.count()).where(unused)) or 0


def forget_recovery_codes(records: Records, staff_id: str) -> None:
    """None of somebody's codes is good any more."""
    records.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))


def _drawn() -> str:
    letters = [secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP)]
    return "-".join(_pieces(letters))


def _pieces(letters: Sequence[str]) -> list[str]:
    return ["".join(letters[at : at + _GROUP]) for at in range(0, len(letters), _GROUP)]


def _hash(code: str) -> str:
    """Of a code as it may be typed: small letters, without or with other dashes."""
    letters = "".join(letter for letter in code.upper() if letter in _LETTERS)
    return hashlib.sha256(letters.encode()).hexdigest()
