"""Who a mini program's visitor is, and what they let us know of themselves.

A code of `my.getAuthCode` serves once. A token of a visitor is refreshed once when it is refused;
then they sign in again. Tokens stay on the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.gateway import Gateway
from bot.channels.alipay.identities import Recipient
from models.platform_ids import PlatformName

TOKEN = "alipay.system.oauth.token"  # noqa: S105 - the method's name
SHARED = "alipay.user.info.share"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor as Alipay knows them: by a `user_id`, an `open_id` of this application, or both,
    each "" where it is not told; `union_id` joins applications of one owner."""

    user_id: str = field(default="", repr=False)
    open_id: str = field(default="", repr=False)
    union_id: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)

    @property
    def names(self) -> list[PlatformName]:
        """The ids, for `Identities.account`."""
        told = (PlatformName("user_id", self.user_id), PlatformName("open_id", self.open_id))
        return [name for name in told if name.value]

    @property
    def recipient(self) -> Recipient:
        """By whichever id there is."""
        kind, value = self.names[0]
        return Recipient(kind, value)


def log_in(gateway: Gateway, code: str) -> Visitor:
    """The visitor of a code. Raises GatewayError: LOGIN for one that is bad, used or of another
    application; the client then gets a new one."""
    told = gateway.call(TOKEN, grant_type="authorization_code", code=code)
    return _visitor(told)


def refreshed(gateway: Gateway, visitor: Visitor) -> Visitor:
    """The same visitor with new tokens. Raises GatewayError: LOGIN when they must sign in."""
    told = gateway.call(TOKEN, grant_type="refresh_token", refresh_token=visitor.refresh_token)
    return _visitor(told)


def shared_info(gateway: Gateway, visitor: Visitor) -> tuple[Mapping[str, Any], Visitor]:
    """The fields that this visitor shares with this application, and the tokens that hold now.

    Raises GatewayError: RIGHTS where the product or the fields are not approved, LOGIN where the
    visitor must sign in again.
    """
    try:
        return _shared(gateway, visitor), visitor
    except GatewayError as fault:
        if fault.kind is not Kind.USER_TOKEN or not visitor.refresh_token:
            raise
    visitor = refreshed(gateway, visitor)
    try:
        return _shared(gateway, visitor), visitor
    except GatewayError as fault:
        if fault.kind is Kind.USER_TOKEN:
            raise GatewayError(Kind.LOGIN, fault.detail, code=fault.code) from None
        raise


def _shared(gateway: Gateway, visitor: Visitor) -> Mapping[str, Any]:
    return gateway.call(SHARED, repeatable=True, auth_token=visitor.access_token)


def _visitor(told: Mapping[str, Any]) -> Visitor:
    names = ("user_id", "open_id", "union_id", "access_token", "refresh_token")
    values = {name: told.get(name) for name in names}
    visitor = Visitor(**{n: v if isinstance(v, str) else "" for n, v in values.items()})
    if not visitor.names:
        raise GatewayError(Kind.AWAY, "nobody is named in the answer")
    return visitor
