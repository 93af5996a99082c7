"""Photos that people upload to our pages and API: kept sealed for an hour, for the conversation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from bot.dialogue.messages import AccountKey, Media
from bot.offices.images import PhotoLimits, looked_at
from bot.ports import SendError
from models.database import Database
from models.documents import ObjectStore
from models.sealing import Keyring, SealError
from models.uploads import is_upload_of, keep_upload, open_upload


class Uploads:
    """Takes pictures in and gives them out to the account that sent them.

    The `Media` of an upload names its account in `url`: what opens it need not know who asks.
    """

    def __init__(
        self,
        database: Database,
        keys: Keyring,
        objects: ObjectStore,
        limits: PhotoLimits,
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._keys, self._objects = database, keys, objects
        self._limits, self._clock = limits, clock

    def keep(self, account: AccountKey, upload_id: str, image: bytes) -> Media:
        """Keep a picture under an id of 32 hexadecimal digits; the same id again keeps it once.

        Raises `PhotoFault` (type, size, animated) for what its first bytes tell, KeyError when
        the id is somebody else's.
        """
        kind = looked_at(image, self._limits)
        if self.media_of(account, upload_id) is None:
            self._store(account, upload_id, image, f"image/{kind}")
        return self._media(account, upload_id)

    def media_of(self, account: AccountKey, upload_id: str) -> Media | None:
        """What an update names the upload by; None when this account has no such upload."""
        with self._database.reading() as records:
            held = is_upload_of(records, str(account), upload_id, self._clock())
        return self._media(account, upload_id) if held else None

    def open(self, media: Media) -> bytes:
        """The picture as it came. Raises `SendError`: permanent when there is none of this
        account, transient when the records or the store are away."""
        try:
            with self._database.reading() as records:
                return open_upload(
                    records,
                    self._keys,
                    self._objects,
                    account=media.url,
                    upload_id=media.id,
                    now=self._clock(),
                )
        except (KeyError, SealError):
            raise SendError("permanent", "file") from None
        except (SQLAlchemyError, OSError):
            raise SendError("transient", "records") from None

    def _store(self, account: AccountKey, upload_id: str, image: bytes, media_type: str) -> None:
        with self._database.writing() as records:
            keep_upload(
                records,
                self._keys,
                self._objects,
                upload_id=upload_id,
                account=str(account),
                image=image,
                media_type=media_type,
                now=self._clock(),
            )

    @staticmethod
    def _media(account: AccountKey, upload_id: str) -> Media:
        return Media(upload_id, url=str(account))
