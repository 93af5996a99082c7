"""What Alipay's pages leave open, or what differs from account to account; scripts choose."""

from __future__ import annotations

from dataclasses import dataclass

from bot.simulator.alipay.settings import Charset, Ids, SignType


@dataclass(slots=True)
class Habits:
    """How the platform deals with the one app."""

    charset: Charset = "GBK"
    """Of pushes."""

    sign_type: SignType = "RSA2"
    """Of pushes; old apps have RSA."""

    ids: Ids = "user_id"
    """By what pushes name people. With `both` there are two leaves."""

    strict_ack: bool = False
    """Only the signed acknowledgement counts; else also the bare one and the word `success`."""
