"""Codecs with one protection taken out each: the negative control. Nobody but fuzzing uses them."""

from __future__ import annotations

import os
from collections.abc import Mapping

from bot.channels.wechat.codec import Inbound, WeChatCodec
from bot.channels.wechat.faults import BadSignature, Unreadable
from bot.channels.wechat.parsing import parse

_hoard: list[bytes] = []


class Credulous(WeChatCodec):
    """Believes a body without its signature."""

    def open(self, body: bytes, args: Mapping[str, str]) -> Inbound:
        try:
            return super().open(body, args)
        except BadSignature:
            try:
                fields, as_json = parse(body)
            except Unreadable as fault:
                raise BadSignature(fault.reason) from None
            return Inbound(fields, as_json, args.get("nonce", ""))


class Loud(WeChatCodec):
    """Lets the parser's error through."""

    def open(self, body: bytes, args: Mapping[str, str]) -> Inbound:
        try:
            return super().open(body, args)
        except Unreadable as fault:
            raise ValueError(fault.reason) from fault


class Hoarding(WeChatCodec):
    """Keeps every body it saw, several times over."""

    def open(self, body: bytes, args: Mapping[str, str]) -> Inbound:
        _hoard.append(body * 64)
        return super().open(body, args)


class Frail(WeChatCodec):
    """Dies of a document type."""

    def open(self, body: bytes, args: Mapping[str, str]) -> Inbound:
        if b"<!DOCTYPE" in body:
            os._exit(1)
        return super().open(body, args)


WEAKENED: dict[str, type[WeChatCodec]] = {
    "credulous": Credulous,
    "loud": Loud,
    "hoarding": Hoarding,
    "frail": Frail,
}
EXPECTED = {"credulous": "state", "loud": "status", "hoarding": "memory", "frail": "dropped"}
"""What the fuzzer has to report of each."""
