"""From a number to a request: which message, what was done to it, and whether it is signed.

Signatures and cipher here are the platform's side, on `cryptography` and not on the codec.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal
from urllib.parse import quote

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from benchmarks.fuzz.bodies.messages import MESSAGES, OPENID, SECONDS
from benchmarks.fuzz.mutating import Mutator

TOKEN, APP_ID = "fuzztoken", "wx00000000000000f1"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
LARGEST = 256 * 1024  # bytes of a body that the webhook takes
SIGNED_ANEW = 4  # every fourth body is signed after it was mutated
PEOPLE = 2000
Mode = Literal["safe", "plain", "compatible"]
Kind = Literal["unsigned", "signed", "perhaps"]
_KEY = base64.b64decode(AES_KEY + "=")
_TYPES = ("text/xml", "text/xml", "text/xml", "application/json", "", "multipart/form-data",
          "application/x-www-form-urlencoded", "text/xml; charset=utf-16")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """A request. `kind` says what its signature is worth: nothing, good, or either (the mutation
    may have left the signed part as it was)."""

    number: int
    mode: Mode
    kind: Kind
    query: str
    body: bytes
    content_type: str

    def record(self) -> dict[str, object]:
        """Everything that is needed to send it again, for JSON."""
        return {
            "number": self.number,
            "mode": self.mode,
            "kind": self.kind,
            "query": self.query,
            "body": base64.b64encode(self.body).decode(),
            "content_type": self.content_type,
        }

    @classmethod
    def of_record(cls, told: Mapping[str, str]) -> Mutant:
        """The inverse of `record`."""
        fields = {name: told[name] for name in ("number", "mode", "kind", "query", "content_type")}
        return cls(**fields, body=base64.b64decode(told["body"]))  # type: ignore[arg-type]


def mutant(seed: int, number: int, mode: Mode) -> Mutant:
    """The request of this number, the same for the same seed."""
    chance = Random(f"{seed}-{number}")  # a str: hashed the same in every process
    message = _message(chance, number)
    kind_of_content = chance.choice(_TYPES)
    if number % SIGNED_ANEW == 0:
        body, args, _ = _signed(_changed(chance, message), message, mode, chance)
        return Mutant(number, mode, "signed", _query(args), body, kind_of_content)
    body, args, text = _signed(message, message, mode, chance)
    good = dict(args)
    if chance.random() < 0.2:
        body = message  # as if plain mode were spoken
    if chance.random() < 0.6:
        body = _changed(chance, body)
    if chance.random() < 0.75:
        args = _spoilt(chance, args)
    kind = _worth(mode, text, body, good, args)
    return Mutant(number, mode, kind, _query(args), body, kind_of_content)


# --- the message ---


def _message(chance: Random, number: int) -> bytes:
    """One of the valid messages, from one of many people, with its own id."""
    person = f"oFuzz{chance.randrange(PEOPLE):023d}"
    message = chance.choice(MESSAGES).replace(OPENID.encode(), person.encode())
    return message.replace(b"25189203450123456", str(10**16 + number).encode())


def _changed(chance: Random, data: bytes) -> bytes:
    changed = Mutator(chance, longest=LARGEST + 1024).mutate(data, chance.choice(MESSAGES))
    lot = chance.random()
    if lot < 0.004:
        at = chance.randint(0, len(changed))
        changed = changed[:at] + bytes([chance.randrange(256)]) * 10 ** chance.randint(4, 5)
    elif lot < 0.006:
        changed += b" " * (LARGEST + 1 - len(changed))
    elif lot < 0.02:
        changed = _encoded(chance, changed)
    elif lot < 0.03:
        changed = b'{"a":' + b"[" * 10 ** chance.randint(1, 4) + changed
    return changed


def _encoded(chance: Random, data: bytes) -> bytes:
    code = chance.choice(("utf-16", "utf-16-be", "utf-32", "gbk", "gb18030", "utf-7", "utf-8-sig"))
    return data.decode("utf-8", "replace").encode(code, "replace")


# --- the signature ---


def sign(*parts: str) -> str:
    """The platform's signature over parts."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324


def sealed(message: bytes, random16: bytes) -> str:
    """The platform's envelope around a message."""
    plain = random16 + len(message).to_bytes(4, "big") + message + APP_ID.encode()
    pad = 32 - len(plain) % 32
    work = Cipher(AES(_KEY), CBC(_KEY[:16])).encryptor()
    return base64.b64encode(work.update(plain + bytes([pad]) * pad) + work.finalize()).decode()


def _signed(
    message: bytes, readable: bytes, mode: Mode, chance: Random
) -> tuple[bytes, dict[str, str], str]:
    """Body, query and the enciphered text of a message; `readable` stands beside that in
    compatible mode."""
    stamp, nonce = str(SECONDS + chance.randint(-300, 300)), str(chance.randrange(10**9))
    args = {"signature": sign(TOKEN, stamp, nonce), "timestamp": stamp, "nonce": nonce}
    if mode == "plain":
        return message, args, ""
    text = sealed(message, chance.randbytes(16))
    args |= {"encrypt_type": "aes", "msg_signature": sign(TOKEN, stamp, nonce, text)}
    return _envelope(readable, text, mode), args, text


def _envelope(readable: bytes, text: str, mode: Mode) -> bytes:
    if readable[:1] == b"{":
        return json.dumps({"ToUserName": "gh_0123456789ab", "Encrypt": text}).encode()
    part = f"<Encrypt><![CDATA[{text}]]></Encrypt>".encode()
    if mode == "compatible":
        return readable.removesuffix(b"</xml>") + part + b"</xml>"
    return b"<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>" + part + b"</xml>"


def _spoilt(chance: Random, args: Mapping[str, str]) -> dict[str, str]:
    """The query with a signature that is missing, wrong, another's or for another moment."""
    changed = dict(args)
    names = [name for name in ("msg_signature", "signature") if name in changed]
    for name in [*names, *chance.sample(("timestamp", "nonce", "encrypt_type"), 1)]:
        value = changed.get(name, "")
        match chance.randrange(6):
            case 0:
                changed.pop(name, None)
            case 1:
                changed[name] = ""
            case 2:
                changed[name] = value.upper() + chance.choice(("0", " ", "\x00", "é", "1" * 5000))
            case 3:
                changed[name] = sign(value)
            case 4:
                changed[name] = value[::-1] + "1"
            case 5:
                bent = Mutator(chance, longest=4000).mutate(value.encode())
                changed[name] = bent.decode("utf-8", "replace")
    if chance.random() < 0.3:
        changed[chance.choice(("echostr", "a", "signature[]"))] = chance.choice(("1", "<b>", "%"))
    return changed


def _worth(
    mode: Mode, text: str, body: bytes, good: Mapping[str, str], args: Mapping[str, str]
) -> Kind:
    """Whether the signature, as it was mutated, can be good for what is there now.

    In plain mode it covers no body. In the others it covers the enciphered `text`: as long as all
    of that still stands in the body, be it with something between, it may be read as it was.
    """
    if mode == "plain":
        parts = (TOKEN, args.get("timestamp", ""), args.get("nonce", ""))
        return "signed" if args.get("signature", "") == sign(*parts) else "unsigned"
    names = ("msg_signature", "timestamp", "nonce")
    if any(args.get(name, "") != good[name] for name in names):
        return "unsigned"
    return "perhaps" if _stands_in(text.encode(), body) else "unsigned"


def _stands_in(text: bytes, body: bytes) -> bool:
    """Whether the letters of `text` stand in `body` in their order."""
    at = 0
    for letter in text:
        at = body.find(letter, at) + 1
        if not at:
            return False
    return True


def _query(args: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name)}={quote(value)}" for name, value in args.items())
