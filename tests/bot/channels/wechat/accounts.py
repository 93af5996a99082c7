"""The account and the person of these tests."""

from __future__ import annotations

from bot.dialogue.messages import AccountKey
from models.sealing import Keyring

APP_ID, SECRET = "wx0123456789abcdef", "a-secret-of-the-tests"
PERSON = AccountKey("wechat", APP_ID, "oTest_openid-0000000000000001")
KEYS = Keyring([(1, b"d" * 32)], b"i" * 32)
