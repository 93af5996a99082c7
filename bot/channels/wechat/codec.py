"""The webhook's codec: who calls, what a push says, how an answer is written. No I/O."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.channels.characters import legal
from bot.channels.wechat.crypto import MessageCipher, signature, signed
from bot.channels.wechat.faults import BadSignature, TooLarge, Unreadable
from bot.channels.wechat.parsing import Fields, parse
from bot.channels.wechat.replies import cut
from bot.channels.wechat.updates import to_update
from bot.dialogue.messages import Update

Mode = Literal["plain", "compatible", "safe"]
_MOST_CANDIDATES = 8
_SEALED = re.compile(rb"<Encrypt>\s*<!\[CDATA\[([A-Za-z0-9+/=]+)\]\]>\s*</Encrypt>")


@dataclass(frozen=True, slots=True)
class Inbound:
    """A push whose caller is known, and what its answer must echo.

    `stamp` names the signed part of a plain push and `digest` its unsigned body: see
    `nonces.Nonces`. Both are empty in the other modes, where the signature covers the body.
    """

    fields: Fields
    as_json: bool
    nonce: str
    stamp: str = ""
    digest: str = ""

    @property
    def media_type(self) -> str:
        return "application/json" if self.as_json else "application/xml"


class WeChatCodec:
    """One account's webhook: its token, its key, its mode."""

    def __init__(
        self,
        token: str,
        app_id: str,
        *,
        clock: Callable[[], datetime],
        mode: Mode = "safe",
        aes_key: str = "",
        channel: str = "wechat",
        window_seconds: int = 600,
        max_bytes: int = 256 * 1024,
        random_bytes: Callable[[int], bytes] | None = None,
    ) -> None:
        """`channel`: the name under which accounts are known. `window_seconds`: how far a push's
        timestamp may be from `clock`. ValueError when the token is empty or the key of a sealed
        mode is not one."""
        if not token:
            raise ValueError("the WeChat token is empty: any caller would pass")
        self._token, self._app_id, self._clock = token, app_id, clock
        self._channel = channel
        self.window_seconds, self.max_bytes = window_seconds, max_bytes
        chance = {"random_bytes": random_bytes} if random_bytes else {}
        self._cipher = None if mode == "plain" else MessageCipher(aes_key, app_id, **chance)

    def echo(self, args: Mapping[str, str]) -> str:
        """The answer to the console's check of the address. Raises BadSignature."""
        self._check(args)
        return args.get("echostr", "")

    def open(self, body: bytes, args: Mapping[str, str]) -> Inbound:
        """The push, its caller checked. Raises TooLarge, BadSignature and Unreadable."""
        if len(body) > self.max_bytes:
            raise TooLarge("size")
        return self._open_sealed(body, args) if self._cipher else self._open_plain(body, args)

    def update(self, inbound: Inbound) -> Update | None:
        """The update a push stands for; None for what is only acknowledged. Raises Unreadable."""
        if "MsgType" not in inbound.fields and inbound.fields.get("action"):
            return None  # cloud hosting asks whether the container answers
        return to_update(inbound.fields, self._app_id, self._clock(), self._channel)

    def render(self, inbound: Inbound, text: str) -> bytes:
        """The passive answer that shows `text`, cut to what one message can hold."""
        return self._answer(inbound, {"MsgType": "text", "Content": cut(legal(text))})

    def render_transfer(self, inbound: Inbound) -> bytes:
        """The passive answer that hands the chat to the account's customer-service desk."""
        return self._answer(inbound, {"MsgType": "transfer_customer_service"})

    # --- in ---

    def _check(self, args: Mapping[str, str]) -> None:
        stamp, nonce = args.get("timestamp", ""), args.get("nonce", "")
        if not signed(args.get("signature", ""), self._token, stamp, nonce):
            raise BadSignature("signature")

    def _check_age(self, args: Mapping[str, str]) -> None:
        stamp = args.get("timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
            raise Unreadable("timestamp")
        if abs(self._clock().timestamp() - int(stamp)) > self.window_seconds:
            raise Unreadable("stale")

    def _open_plain(self, body: bytes, args: Mapping[str, str]) -> Inbound:
        self._check(args)
        self._check_age(args)
        fields, as_json = parse(body)
        nonce = args.get("nonce", "")
        return Inbound(
            fields,
            as_json,
            nonce,
            stamp=_keyed(self._token, f"{args['timestamp']} {nonce}".encode()),
            digest=_keyed(self._token, body),
        )

    def _open_sealed(self, body: bytes, args: Mapping[str, str]) -> Inbound:
        """Only the enciphered half is authentic; what stands readable beside it is not looked at.

        `signature` proves nothing here, it does not cover the body: a plain body is refused.
        """
        candidates, as_json = _envelope(body)
        nonce, claim = args.get("nonce", ""), args.get("msg_signature", "")
        parts = (self._token, args.get("timestamp", ""), nonce)
        sealed = next((one for one in candidates if signed(claim, *parts, one)), None)
        if sealed is None:
            raise BadSignature("msg_signature")
        self._check_age(args)
        assert self._cipher is not None  # noqa: S101 - chosen by the caller
        fields, _ = parse(self._cipher.open(sealed))
        return Inbound(fields, as_json, nonce)

    # --- out ---

    def _answer(self, inbound: Inbound, content: Mapping[str, str]) -> bytes:
        seconds = int(self._clock().timestamp())
        message = _write(
            {
                "ToUserName": str(inbound.fields.get("FromUserName", "")),
                "FromUserName": str(inbound.fields.get("ToUserName", "")),
                "CreateTime": seconds,
                **content,
            },
            inbound.as_json,
        )
        return self.seal(message, inbound.nonce, seconds, inbound.as_json)

    def seal(self, message: bytes, nonce: str, seconds: int, as_json: bool) -> bytes:
        """The message in the envelope of this account's mode (plain: as it is)."""
        if self._cipher is None:
            return message
        sealed = self._cipher.seal(message)
        return _write(
            {
                "Encrypt": sealed,
                "MsgSignature": signature(self._token, str(seconds), nonce, sealed),
                "TimeStamp": seconds,
                "Nonce": nonce,
            },
            as_json,
        )


def _envelope(body: bytes) -> tuple[list[str], bool]:
    """What may be the text of `Encrypt`, and whether the push is JSON.

    What cannot be read cannot be verified, so every fault here is a bad signature.
    """
    try:
        fields, as_json = parse(body)
    except Unreadable as fault:
        # In compatible mode a user's text stands in the readable half: it can break that, name
        # its elements again, and even look like what is sealed. The signature tells.
        found = _SEALED.findall(body)[:_MOST_CANDIDATES]
        if not found:
            raise BadSignature(fault.reason) from None
        return [one.decode() for one in found], False
    sealed = fields.get("Encrypt")
    if not isinstance(sealed, str) or not sealed:
        raise BadSignature("not sealed")
    return [sealed], as_json


def _keyed(token: str, value: bytes) -> str:
    """A name for a value that tells nothing about it to who does not know the token."""
    return hashlib.blake2b(value, key=token.encode()[:64], digest_size=16).hexdigest()


def _write(fields: Mapping[str, Any], as_json: bool) -> bytes:
    if as_json:
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    parts = (f"<{name}>{_element(value)}</{name}>" for name, value in fields.items())
    return f"<xml>{''.join(parts)}</xml>".encode()


def _element(value: str | int) -> str:
    """A number as it is, a text as CDATA in which no end mark can end the section."""
    if isinstance(value, int):
        return str(value)
    return f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"
