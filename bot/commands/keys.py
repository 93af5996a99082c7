"""`shebaoka keys`: changing the keys that seal personal data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from redis.exceptions import RedisError

from bot.commands.settings import errors, keyring, local_settings, stop
from bot.redis_client import connect_redis
from bot.sessions.rotation import reseal, versions_in_conversations
from config.settings import Settings
from config.settings_kinds import IndexKey
from models.database import Database
from models.rotation import KeyInUse, reindex, retire, rotate
from models.sealing import Keyring

T = TypeVar("T")


def rotate_keys() -> int:
    """Re-seal every record, photo key and conversation that an older data key sealed.

    1 when some do not open.
    """
    settings = local_settings()
    keys = keyring(settings)
    counts = rotate(Database(settings.database, patient=True), keys)
    counts["conversations"] = _asked(settings, lambda client: reseal(client, keys))
    for name, count in sorted(counts.items()):
        errors.print(f"{name}: {count}")
    errors.print(f"{sum(counts.values()) - counts.get('failed', 0)} values sealed anew")
    return 1 if counts.get("failed") else 0


def retire_key(version: int) -> int:
    """Say that a key may go, or refuse."""
    settings = local_settings()
    in_use = _asked(settings, versions_in_conversations)
    try:
        retire(Database(settings.database, patient=True), version, in_use)
    except KeyInUse as fault:
        stop([str(fault)])
    errors.print(f"nothing uses key {version}: it may leave SHEBAOKA_DATA_KEYS")
    return 0


def _asked(settings: Settings, question: Callable[[Any], T]) -> T:
    """What Redis says. Exits with a sentence when it cannot be asked."""
    if not settings.redis_url:
        stop(["SHEBAOKA_REDIS_URL is needed: conversations may still use an older key"])
    try:
        return question(connect_redis(settings.redis_url))
    except RedisError as fault:
        stop([f"Redis does not answer: {type(fault).__name__}"])


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
