"""`shebaoka push systems`: which other systems may push by the API. Every change is audited."""

from __future__ import annotations

import re
import sys

from sqlalchemy import select

from bot.commands.pushing import office
from bot.commands.settings import stop
from models.audit import audit
from models.push.systems import PushSystem, make_key, revoke_key

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


def add(name: str) -> int:
    """Print a key."""
    if not _NAME.fullmatch(name):
        stop(["a name has 2 to 64 of a-z, 0-9, dot, hyphen and underscore"])
    with office() as desk:
        audit(desk.records, actor=desk.by, act="system.key", subject=f"system:{name}",
              reason="command line", now=desk.now)  # fmt: skip
        key = make_key(desk.records, name, desk.now)
    sys.stdout.write(f"{key}\n")
    sys.stderr.write("the key, shown this once; an earlier one of this system holds no longer\n")
    return 0


def show() -> int:
    """Print everyone."""
    with office() as desk:
        for system in desk.records.scalars(select(PushSystem).order_by(PushSystem.name)):
            state = "revoked" if system.revoked_at else "active"
            line = (system.name, system.made_at.isoformat(timespec="seconds"), state)
            sys.stdout.write("\t".join(line) + "\n")
    return 0


def revoke(name: str) -> int:
    """Its key holds no longer."""
    with office() as desk:
        if not revoke_key(desk.records, name, desk.now):
            stop([f"no system {name} has a key that holds"])
        audit(desk.records, actor=desk.by, act="system.out", subject=f"system:{name}",
              reason="command line", now=desk.now)  # fmt: skip
    return 0
