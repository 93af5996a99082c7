"""What an operator does about a refused call, in plain words: for `doctor`, `menu` and the log."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.channels.alipay.errors import GatewayError, Kind, bare_code

_SUB_CODES: Mapping[str, str] = MappingProxyType(
    {
        "invalid-signature": "the console must hold the public key of our private key (应用公钥)",
        "invalid-app-id": "compare the app id with the console's",
        "app-cert-expired": "draw a new application certificate in the console",
        "app-cert-not-exist": "take the application certificate from the console again",
        "invalid-alipay-root-cert-sn": "take the root certificates from the console again",
        "missing-app-cert-sn": "the console is in certificate mode: set the three certificates",
        "missing-alipay-root-cert-sn": "set the root certificates of the console",
        "not-online-app": "publish the application in the console",
        "invalid-app-state": "the application is not in service: see the console",
        "missing-encrypt-key": "set the content encryption key in the console, or encrypt nothing",
        "invalid-timestamp": "set the clock by NTP (timedatectl set-ntp true)",
        "msg-template-not-exist": "the template's id is not this account's: correct the profile",
        "3002": "an account's industry can be changed once a month only",
        "11013": "a menu is there already: it is modified, not created",
    }
)

_KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.AWAY: "try again; if it stays, look whether this machine reaches the gateway",
        Kind.UNTRUSTED: "compare Alipay's public key, or its certificate, with the console's",
        Kind.APP_TOKEN: "have the owner of the account authorise the application again",
        Kind.CONFIGURATION: "compare app id, keys and certificates with the console",
        Kind.CLOCK: _SUB_CODES["invalid-timestamp"],
        Kind.RIGHTS: "add the product of this call to the application, or do without",
        Kind.RATE: "wait a minute and try again",
        Kind.QUOTA: "wait until midnight in Beijing, when the quota of the day is counted anew",
        Kind.BUG: "correct the city's profile by what the gateway names",
    }
)


def remedy(fault: GatewayError) -> str:
    """What to do about it, one sentence without a stop; "" where nothing is to be done."""
    return _SUB_CODES.get(bare_code(fault.sub_code)) or _KINDS.get(fault.kind, "")
