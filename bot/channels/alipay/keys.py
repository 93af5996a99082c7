"""The two keys of one application: ours, that signs, and Alipay's, that checks."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from bot.channels.alipay.signing import KeyFault, one_line, private_key, public_key


@dataclass(frozen=True, slots=True)
class AppKeys:
    """Read once, at start: reading a key costs a hundred signatures."""

    own: RSAPrivateKey
    alipays: RSAPublicKey

    @property
    def published(self) -> str:
        """Our public key as the console wants it: base64 in one line."""
        return one_line(self.own.public_key())


def read_keys(own: str, alipays: str) -> AppKeys:
    """Both keys, in any of the forms that `signing` reads.

    Raises `KeyFault` for what is no key, and for our own public key in the place of Alipay's: the
    console shows both side by side, and with the wrong one every signature of theirs fails.
    """
    keys = AppKeys(private_key(own), public_key(alipays))
    if keys.published == one_line(keys.alipays):
        raise KeyFault(
            "this is our own public key: the console shows Alipay's (支付宝公钥) beside it"
        )
    return keys
