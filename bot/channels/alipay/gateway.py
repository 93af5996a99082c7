"""python-alipay-sdk's client, hardened: how every call of Alipay's gateway is made.

The SDK writes the requests, byte by byte as it always does; what it leaves open is closed here:
everything in the address, a new connection for each call, no end but the socket's, local time
instead of Beijing's, keys read by slow code, a signed text found by counting braces, unsigned
errors of six families, redirects followed. A test fails when a name of the SDK that is replaced
here disappears.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

from alipay import AliPay, DCAliPay
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from bot.channels.alipay import aes
from bot.channels.alipay.certificates import Certificates
from bot.channels.alipay.circuit import Circuit
from bot.channels.alipay.envelope import Envelope, Malformed, unfold
from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.signing import SignType, holds, sign
from bot.channels.alipay.transport import Wire
from bot.channels.call_time import CallTime

Json = dict[str, Any]

BEIJING = timezone(timedelta(hours=8))
"""A fixed offset: slim images have no time zones, and China has one, without summer time."""

OK = "10000"
_STAMP = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Application:
    """One application at Alipay. `encrypts`: contents go and come sealed by `content_key`.
    `refusals` is what the city's profile knows of sub_codes."""

    app_id: str
    own: RSAPrivateKey = field(repr=False)
    alipays: RSAPublicKey = field(repr=False)
    certificates: Certificates | None = None
    content_key: bytes = field(default=b"", repr=False)
    encrypts: bool = False
    sign_type: SignType = "RSA2"
    refusals: Mapping[str, Kind] = field(default_factory=dict)


class Hardened:
    """The mixin over both of the SDK's clients. Every call raises GatewayError and nothing else.

    Thread-safe. Made once: reading keys costs a hundred calls.
    """

    _gateway: str
    app: Application

    def __init__(
        self,
        app: Application,
        address: str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        seconds: float = 5.0,
        **of_the_sdk: Any,
    ) -> None:
        """`address` is the gateway's; `seconds`: what a call may take outside `within`, its
        retries included."""
        self.app, self._clock = app, clock
        given = {"appid": app.app_id, "sign_type": app.sign_type, **of_the_sdk}
        super().__init__(**given)
        self._gateway = address
        self._wire, self._time, self._circuit = Wire(), CallTime(seconds), Circuit()

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """What this thread calls inside the block may take `seconds` in all."""
        return self._time.within(seconds)

    @property
    def platform_time(self) -> datetime | None:
        """What Alipay's clock showed when it answered this thread's last call; None: it did not."""
        return self._wire.platform_time

    def close(self) -> None:
        """Let go of connections."""
        self._wire.close()

    # --- calls ---

    def call(
        self,
        method: str,
        biz_content: Json | None = None,
        *,
        repeatable: bool = False,
        **parameters: Any,
    ) -> Json:
        """The answer's node. `parameters` stand beside `biz_content`; None and "" are left out.
        What is `repeatable` is asked again where nobody knows what became of it."""
        given = {name: str(value) for name, value in parameters.items() if value not in (None, "")}
        ask = self.server_api  # type: ignore[attr-defined]
        with self._time.given():
            told: Json = self._tried(partial(ask, method, biz_content, **given), method, repeatable)
        return told

    def fetch(self, address: str, method: str, biz_content: Json, limit: int) -> tuple[bytes, str]:
        """A file of at most `limit` bytes from another address that is signed the same way, with
        its Content-Type: such answers are not signed. Repeatable."""

        def once() -> tuple[bytes, str]:
            query, body = self._request(self.build_body(method, biz_content))
            told = self._wire.post(address, query, body, self._time.left(), limit)
            if told[0].lstrip()[:1] == b"{":
                raise self._instead_of_a_file(told[0], method)
            return told

        with self._time.given():
            file: tuple[bytes, str] = self._tried(once, method, True)
        return file

    def page(self, method: str, biz_content: Json, **parameters: Any) -> str:
        """The signed address of a page for the person's browser. No call is made."""
        signed = self.client_api(method, biz_content, **parameters)  # type: ignore[attr-defined]
        return f"{self._gateway}?{signed}"

    def _instead_of_a_file(self, answer: bytes, method: str) -> GatewayError:
        """Errors come as JSON there, too."""
        try:
            self._verify_and_return_sync_response(answer, response_node(method))
        except GatewayError as fault:
            return fault
        return GatewayError(Kind.MEDIA, "not a file")

    def _tried(self, once: Callable[[], Any], method: str, repeatable: bool) -> Any:
        self._circuit.check()
        tries = 0
        while True:
            tries += 1
            try:
                return once()
            except GatewayError as fault:
                pause = fault.pause(tries, repeatable)
                if pause is None or pause >= self._time.left():
                    self._circuit.note(fault, method)
                    raise fault.harmless() if repeatable else fault from None
                time.sleep(pause)

    # --- what is replaced of the SDK ---

    def _load_key(self) -> None:
        """Both were read before, by faster code."""
        self._app_private_key, self._alipay_public_key = self.app.own, self.app.alipays

    def _sign(self, unsigned_string: str) -> str:
        return sign(self.app.own, unsigned_string.encode(), self.app.sign_type)

    def _verify(self, raw_content: bytes, signature: str) -> bool:
        return holds(self.app.alipays, raw_content, signature, self.app.sign_type)

    def build_body(self, method: str, biz_content: Json | None = None, **parameters: Any) -> Json:
        """The SDK's parameters at Beijing's time, the content sealed where the city wants it."""
        parameters.setdefault("timestamp", self._clock().astimezone(BEIJING).strftime(_STAMP))
        data: Json = super().build_body(method, biz_content, **parameters)  # type: ignore[misc]
        if self.app.encrypts and biz_content:
            text = json.dumps(data["biz_content"], separators=(",", ":"))
            data |= {
                "biz_content": aes.sealed(text, self.app.content_key),
                "encrypt_type": "AES",
            }
        return data

    def verified_sync_response(self, data: Json, response_type: str) -> Json:
        """One request by POST, and what its answer says."""
        query, body = self._request(data)
        answer, _ = self._wire.post(self._gateway, query, body, self._time.left())
        return self._verify_and_return_sync_response(answer, response_type)

    def _verify_and_return_sync_response(self, raw: bytes, response_type: str) -> Json:
        """The node of a success whose signature holds; GatewayError for everything else."""
        try:
            envelope = unfold(raw, response_type)
        except Malformed:
            raise _unreadable() from None
        held = bool(envelope.sign) and self._verify(envelope.node, envelope.sign)
        if envelope.sign and not held:
            raise self._untrusted(envelope)
        told = self._told(envelope)
        if envelope.error or str(told.get("code", OK)) != OK:
            raise self._refused(told)
        if not held:
            raise GatewayError(Kind.UNTRUSTED, "a success without a signature", unknown=True)
        return told

    def _told(self, envelope: Envelope) -> Json:
        """The node as JSON; a sealed one is opened only where its signature holds."""
        try:
            told = json.loads(envelope.node.decode(envelope.charset), strict=False)
            if isinstance(told, str) and envelope.sign and self.app.content_key:
                told = json.loads(aes.opened(told, self.app.content_key), strict=False)
        except (ValueError, RecursionError, aes.SealFault):
            raise _unreadable() from None
        if not isinstance(told, dict):
            raise _unreadable()
        return told

    def _refused(self, told: Json) -> GatewayError:
        """A node that calls itself an error and says 10000 is neither."""
        if str(told.get("code", OK)) == OK:
            return GatewayError(Kind.AWAY, "an error without a code", unknown=True)
        return GatewayError.of_answer(told, self.app.refusals)

    def _untrusted(self, envelope: Envelope) -> GatewayError:
        mine = self.app.certificates.alipay_sn if self.app.certificates else ""
        if mine and envelope.cert_sn and envelope.cert_sn != mine:
            return GatewayError(Kind.UNTRUSTED, "signed by another certificate", unknown=True)
        return GatewayError(Kind.UNTRUSTED, "a signature that does not hold", unknown=True)

    def _request(self, data: Json) -> tuple[str, str]:
        """The SDK's own signed string, taken apart: what is common to all calls goes into the
        address, what a call says into the body."""
        parts = self.sign_data(data).split("&")  # type: ignore[attr-defined]
        common = [part for part in parts if part.split("=", 1)[0] in COMMON]
        return "&".join(common), "&".join(part for part in parts if part not in common)


def _unreadable() -> GatewayError:
    """A page of HTML, half an answer: nobody knows what became of the call."""
    return GatewayError(Kind.AWAY, "not an answer", unknown=True)


def response_node(method: str) -> str:
    """Where an answer stands in its body."""
    return f"{method.replace('.', '_')}_response"


COMMON = frozenset(
    {
        *("app_id", "method", "format", "charset", "sign_type", "sign", "timestamp", "version"),
        *("app_auth_token", "auth_token", "notify_url", "return_url", "encrypt_type"),
        *("app_cert_sn", "alipay_root_cert_sn"),
    }
)
"""Parameters that Alipay's own SDKs write into the address."""


class PublicKeyGateway(Hardened, AliPay):  # type: ignore[misc]
    """With Alipay's public key."""


class CertificateGateway(Hardened, DCAliPay):  # type: ignore[misc]
    """In certificate mode."""

    def __init__(self, app: Application, address: str, **more: Any) -> None:
        held = app.certificates
        if held is None:
            raise ValueError("no certificates")
        # Where the SDK keeps what it would compute of its strings.
        self._app_cert_sn, self._alipay_root_cert_sn = held.app_sn, held.root_sn
        given = ("app_private_key", "app_public_key_cert", "alipay_public_key_cert")
        strings: Any = {f"{name}_string": "" for name in (*given, "alipay_root_cert")}
        super().__init__(app, address, **strings, **more)

    def load_alipay_public_key_string(self) -> str:
        """Its key was read before."""
        return ""


Gateway = PublicKeyGateway | CertificateGateway


def gateway_of(app: Application, address: str, **more: Any) -> Gateway:
    """The client of an application, in the mode that its settings are in."""
    if app.certificates:
        return CertificateGateway(app, address, **more)
    return PublicKeyGateway(app, address, **more)
