"""`shebaoka keys`: changing the keys that seal personal data."""

from __future__ import annotations

from collections import Counter

from pydantic import TypeAdapter, ValidationError

from bot.commands.settings import errors, keyring, local_settings, stop
from bot.redis_client import connect_redis
from bot.sessions.census import versions_in_conversations
from config.settings import Settings
from config.settings_kinds import IndexKey
from models.database import Database
from models.rotation import KeyInUse, reindex, retire, rotate
from models.sealing import Keyring


def rotate_keys() -> int:
    """Re-seal every record and photo key that an older data key sealed. 1 when some do not open."""
    settings = local_settings()
    counts = rotate(Database(settings.database, patient=True), keyring(settings))
    for name, count in sorted(counts.items()):
        errors.print(f"{name}: {count}")
    errors.print(f"{sum(counts.values()) - counts.get('failed', 0)} values sealed anew")
    return 1 if counts.get("failed") else 0


def retire_key(version: int) -> int:
    """Say that a key may go, or refuse."""
    settings = local_settings()
    try:
        retire(Database(settings.database, patient=True), version, _in_conversations(settings))
    except KeyInUse as fault:
        stop([str(fault)])
    errors.print(f"nothing uses key {version}: it may leave SHEBAOKA_DATA_KEYS")
    return 0


def _in_conversations(settings: Settings) -> Counter[int]:
    if not settings.redis_url:
        stop(["SHEBAOKA_REDIS_URL is needed: conversations may still use the key"])
    return versions_in_conversations(connect_redis(settings.redis_url))


def reindex_numbers(old_key: str) -> int:
    """Move the blind index from `old_key` (base64) to the index key of the settings."""
    settings = local_settings()
    renewed = keyring(settings)
    try:
        old = TypeAdapter(IndexKey).validate_python(old_key)
    except ValidationError:
        stop(["the old index key is not base64 of 32 bytes"])
    people = reindex(
        Database(settings.database, patient=True), Keyring(settings.data_keys, old), renewed
    )
    errors.print(f"{people} people are found by the new key")
    return 0
