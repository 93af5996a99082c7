"""`shebaoka keys`: changing the keys that seal personal data."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from bot.commands.settings import errors, keyring, local_settings, stop
from config.settings_kinds import IndexKey
from models.database import Database
from models.rotation import KeyInUse, reindex, retire, rotate
from models.sealing import Keyring


def rotate_keys() -> int:
    """Re-seal every record and photo key that an older data key sealed. 1 when some do not open."""
    settings = local_settings()
    counts = rotate(Database(settings.database), keyring(settings))
    for name, count in sorted(counts.items()):
        errors.print(f"{name}: {count}")
    errors.print(f"{sum(counts.values()) - counts.get('failed', 0)} values sealed anew")
    return 1 if counts.get("failed") else 0


def retire_key(version: int) -> int:
    """Say that a key may go, or refuse."""
    settings = local_settings()
    try:
        retire(Database(settings.database), version)
    except KeyInUse as fault:
        stop([str(fault)])
    errors.print(f"nothing uses key {version}: it may leave SHEBAOKA_DATA_KEYS")
    return 0


def reindex_numbers(old_key: str) -> int:
    """Move the blind index from `old_key` (base64) to the index key of the settings."""
    settings = local_settings()
    renewed = keyring(settings)
    try:
        old = TypeAdapter(IndexKey).validate_python(old_key)
    except ValidationError:
        stop(["the old index key is not base64 of 32 bytes"])
    people = reindex(Database(settings.database), Keyring(settings.data_keys, old), renewed)
    errors.print(f"{people} people are found by the new key")
    return 0
