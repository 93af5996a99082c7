"""What the offices that make cards must know: their keys, ours as they know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

DeskName = Literal["province", "bank"]


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """One desk: `name`; `own` signs what it says, `city` signed what it takes, `shared` seals
    both (32 bytes)."""

    name: DeskName
    own: Ed25519PrivateKey = field(repr=False)
    city: Ed25519PublicKey = field(repr=False)
    shared: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardMakingConfig:
    """Both desks. `suite` and `encoding` are those of the files they write."""

    province: DeskConfig
    bank: DeskConfig
    suite: int = 1
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    mailed: frozenset[str] = frozenset({"2", "post"})  # the item `delivery` of a card by mail
