"""The application gateway's codec: who calls, what a message says. No I/O of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.channels.alipay.ant import AntMessage, read_ant
from bot.channels.alipay.faults import BadSignature, Unreadable
from bot.channels.alipay.form import Form, read_form
from bot.channels.alipay.leaves import Leaves, read_leaves
from bot.channels.alipay.replies import answer_charset
from bot.channels.alipay.signing import SignType
from bot.channels.alipay.updates import (
    Account,
    check_age,
    name_in,
    names_in,
    sent_at,
    to_update,
)
from bot.channels.alipay.verification import Family, Verifier, family_of
from bot.dialogue.messages import Update

CHECK = "alipay.service.check"
_PLAIN = re.compile(r"[\w-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Inbound:
    """A call whose form could be read. Nothing in it is true before it was `checked`."""

    form: Form
    family: Family

    @property
    def is_check(self) -> bool:
        """Whether it asks, signed or not, for the activation of the gateway."""
        return self.form.text(b"service") == CHECK

    @property
    def charset(self) -> str:
        """In which it is answered."""
        return answer_charset(self.form.text(b"charset"))

    @property
    def sign_type(self) -> SignType:
        """By which it is answered."""
        return "RSA" if self.form.text(b"sign_type") == "RSA" else "RSA2"


@dataclass(frozen=True, slots=True)
class App:
    """An application whose messages are taken: how they are checked, and opened where the platform
    seals contents (`content_key`; empty: it does not)."""

    verifier: Verifier
    content_key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class AlipayCodec:
    """One gateway for the applications `apps`, by their ids: of the life account, `life`, and of a
    mini program that is an application of its own.

    `fresh` is how old a message of the life account may be, shorter than answers are kept;
    `ant_fresh` the same of the open platform's own, which it repeats for a day. `id_leaves`: what
    a person's open id may be called.
    """

    life: str
    apps: Mapping[str, App]
    clock: Callable[[], datetime]
    fresh: timedelta = timedelta(hours=23)
    ant_fresh: timedelta = timedelta(hours=26)
    id_leaves: Sequence[str] = ()

    def open(self, body: bytes) -> Inbound:
        """Raises TooLarge and BadSignature."""
        form = read_form(body)
        return Inbound(form, family_of(form))

    def check(self, inbound: Inbound) -> str:
        """The caller is Alipay. The id of the application whose key it used. Raises BadSignature.

        The open platform names the application; the life account does so in what it signed.
        """
        named = inbound.form.text(b"app_id") if inbound.family is not Family.LIFE else ""
        fault = BadSignature("app")
        for app_id in [named] if named in self.apps else self.apps:
            try:
                self.apps[app_id].verifier.check(inbound.form, inbound.family)
            except BadSignature as found:
                fault = found
            else:
                return app_id
        raise fault

    def leaves(self, inbound: Inbound, app_id: str) -> Leaves:
        """What a message says, to the application that it is for. Raises Unreadable."""
        form = inbound.form
        leaves = read_leaves(form.get(b"biz_content"), form.text(b"charset"), self.id_leaves)
        told = {leaves.get("AppId", "").strip(), form.text(b"app_id") or app_id}
        if told != {app_id}:
            raise Unreadable("app")
        return leaves

    def update(self, leaves: Leaves, account: Account) -> Update | None:
        """The update a message stands for; None for what is only acknowledged. Raises Unreadable
        for what is no message, or no fresh one, or is for no life account of ours."""
        if leaves["AppId"].strip() != self.life:
            raise Unreadable("app")
        check_age(sent_at(leaves), self.clock(), self.fresh)
        return to_update(leaves, account, self.id_leaves)

    def sender(self, leaves: Leaves) -> str:
        """Whom an acknowledgement names; empty for what is no id."""
        names = names_in(leaves, self.id_leaves)
        return names[0].value if names and _PLAIN.fullmatch(names[0].value) else ""

    def ant(self, inbound: Inbound, app_id: str) -> AntMessage:
        """What the open platform reports of an application. Raises Unreadable."""
        if inbound.form.text(b"app_id") != app_id:
            raise Unreadable("app")
        message = read_ant(inbound.form, self.apps[app_id].content_key)
        if message.at is not None:
            check_age(message.at, self.clock(), self.ant_fresh)
        return message


def is_activation(inbound: Inbound, leaves: Leaves) -> bool:
    """Whether the console asks for the gateway's activation."""
    return inbound.is_check or name_in(leaves, "EventType") == "verifygw"
