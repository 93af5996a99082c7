"""`shebaoka audit verify`."""

from __future__ import annotations

import sys

from bot.commands.settings import errors, local_settings
from models.audit_check import verify
from models.database import Database


def verify_chain(head: str = "") -> int:
    """Print how many rows are whole and the head, to be kept elsewhere. 1 where they are not."""
    database = Database(local_settings().database, patient=True)
    try:
        chain = verify(database, head)
    finally:
        database.dispose()
    if chain.fault:
        errors.print(f"✗ {chain.fault}; {chain.links} links before it are whole", style="red")
        return 1
    sys.stdout.write(f"{chain.links} links are whole; head {chain.head or 'none'}\n")
    return 0
