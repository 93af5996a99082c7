"""What an operator does about a refused call, in plain words: for `doctor`, `menu` and the log."""

from __future__ import annotations

from bot.channels.wechat.errors import Kind, PlatformError

_CODES = {
    40001: "draw a new AppSecret in the console and set it; the old one may have been reset",
    40013: "compare the AppID with the console's page of basic settings",
    40125: "draw a new AppSecret in the console and set it",
    40164: "add this server's address to the IP list in the console's basic settings",
    40243: "unfreeze the AppSecret in the console's basic settings",
    89503: "the account's administrator must confirm this server's address on the phone",
    45009: "wait until midnight in Beijing, when the quota of the day is counted anew",
    45011: "wait a minute and try again",
    48001: "this account has no right to this call: verify it in the console, or do without",
    48003: "the account's administrator must accept the terms of mass sending in the console",
    48004: "the call was withdrawn for a breach of the rules: see the console's notifications",
    48008: "this account's category may not have such a template: choose another one",
    50002: "the account is restricted: see the console's notifications",
    40016: "three buttons at most in the bar",
    40017: "five buttons at most below one of the bar",
    40018: "shorten the name of a button: 16 bytes in the bar, 40 below it",
    40019: "shorten the key of a button: 128 bytes",
    40020: "shorten the address of a button",
    40037: "the template's id is not this account's: correct it in the city's profile",
}

_KINDS = {
    Kind.TOKEN: "try again in a minute; if it stays, draw a new AppSecret in the console",
    Kind.CONFIGURATION: "compare app id, secret, IP list and the API's address with the console",
    Kind.TRANSIENT: "try again; if it stays, look whether this machine reaches the API's address",
    Kind.DAILY_QUOTA: _CODES[45009],
    Kind.ACCOUNT: _CODES[48001],
    Kind.BUG: "correct the city's profile by what the platform names",
}


def remedy(fault: PlatformError) -> str:
    """What to do about it, one sentence without a stop; "" where nothing is to be done."""
    return _CODES.get(fault.code or 0) or _KINDS.get(fault.kind, "")
