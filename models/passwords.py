"""Passwords of staff: kept as argon2id hashes (RFC 9106), and the rules for a new one."""

from __future__ import annotations

import re
import secrets
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from config.city_console import StaffAccess

HASHER = PasswordHasher()  # RFC 9106's profile for machines with little memory: 64 MiB a hash
LONGEST = 128  # characters; more would only cost time
LEAST_OWN = 4  # characters that are left when all common pieces are taken out
DRAWN_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_ONE_BY_ONE = threading.BoundedSemaphore(2)
"""So many hashes at once in a process: each takes its memory, and strangers may ask for them."""
_ROOM = threading.BoundedSemaphore(8)
"""So many computed or waited for: the threads are those that answer residents as well."""
_AS_LETTERS = (str.maketrans("@$!10354", "asilosea"), str.maketrans("@$!10354", "asiiosea"))
"""What is written for a letter: 1 may be an l or an i."""
_KINDS = (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z\d]")


class Busy(Exception):
    """Too many passwords are being looked at: this one was not."""


def hashed(password: str) -> str:
    """As it is kept. Takes about 50 ms and 64 MiB on purpose. Raises Busy."""
    with _in_turn():
        return HASHER.hash(password)


def fits(password: str, kept: str) -> bool:
    """Whether this is the password of a hash. Takes as long where there is none (`""`). Raises
    Busy."""
    with _in_turn():
        try:
            return HASHER.verify(kept or _nobodys(), password[: LONGEST + 1]) and bool(kept)
        except (Argon2Error, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return HASHER.check_needs_rehash(kept)


@contextmanager
def _in_turn() -> Iterator[None]:
    if not _ROOM.acquire(blocking=False):
        raise Busy
    try:
        with _ONE_BY_ONE:
            yield
    finally:
        _ROOM.release()


@cache
def _nobodys() -> str:
    return HASHER.hash(secrets.token_urlsafe())


def drawn_password() -> str:
    """One for somebody else, to be changed at their first visit: about 90 bits, and of three kinds
    of characters."""
    while True:
        drawn = "-".join("".join(secrets.choice(DRAWN_LETTERS) for _ in range(5)) for _ in range(3))
        if all(re.search(kind, drawn) for kind in _KINDS):
            return drawn


def password_fault(password: str, login: str, rules: StaffAccess) -> str | None:
    """Why this cannot be somebody's new password, as they are told; None: it can."""
    if len(password) < rules.password_length:
        return f"密码至少{rules.password_length}个字符。"
    if len(password) > LONGEST:
        return f"密码最多{LONGEST}个字符。"
    if sum(bool(re.search(kind, password)) for kind in _KINDS) < rules.password_kinds:
        return f"小写字母、大写字母、数字、符号，至少用{rules.password_kinds}种。"
    if login.lower() in password.lower():
        return "密码里不能有自己的工号。"
    return None if is_rare(password) else "这样的密码太常见，容易被猜中，请换一个。"


def is_rare(password: str) -> bool:
    """Whether something of one's own is left when words and runs that everybody takes are gone."""
    plain = password.lower()
    word = re.sub(r"[\d\W_]+$", "", plain)
    for told in (plain, *(word.translate(table) for table in _AS_LETTERS)):
        for piece in _common():
            told = told.replace(piece, "")
        if len(set(re.sub(r"\d{4,}|\W", "", told))) < LEAST_OWN:
            return False
    return True


@cache
def _common() -> tuple[str, ...]:
    """The longest first: the whole of a word goes before its parts."""
    known = tomllib.loads(Path(__file__).with_name("common_passwords.toml").read_text("utf-8"))
    return tuple(sorted(known["pieces"], key=len, reverse=True))
