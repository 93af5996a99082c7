"""The application gateway's codec: who calls, what a message says. No I/O of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.alipay.ant import AntMessage, read_ant
from bot.channels.alipay.faults import Unreadable
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
class AlipayCodec:
    """One application. `fresh` is how old a message of the life account may be, shorter than
    answers are kept; `ant_fresh` the same of the open platform's own, which it repeats for a day.
    `id_leaves`: what a person's open id may be called."""

    app_id: str
    verifier: Verifier
    clock: Callable[[], datetime]
    fresh: timedelta = timedelta(hours=23)
    ant_fresh: timedelta = timedelta(hours=26)
    id_leaves: Sequence[str] = ()

    def open(self, body: bytes) -> Inbound:
        """Raises TooLarge and BadSignature."""
        form = read_form(body)
        return Inbound(form, family_of(form))

    def check(self, inbound: Inbound) -> None:
        """The caller is Alipay. Raises BadSignature."""
        self.verifier.check(inbound.form, inbound.family)

    def leaves(self, inbound: Inbound) -> Leaves:
        """What a message of the life account says, to this application. Raises Unreadable."""
        form = inbound.form
        leaves = read_leaves(form.get(b"biz_content"), form.text(b"charset"), self.id_leaves)
        self._mine(leaves.get("AppId", "").strip())
        if form.get(b"app_id"):
            self._mine(form.text(b"app_id"))
        return leaves

    def update(self, leaves: Leaves, account: Account) -> Update | None:
        """The update a message stands for; None for what is only acknowledged. Raises Unreadable
        for what is no message, or no fresh one."""
        check_age(sent_at(leaves), self.clock(), self.fresh)
        return to_update(leaves, account, self.id_leaves)

    def sender(self, leaves: Leaves) -> str:
        """Whom an acknowledgement names; empty for what is no id."""
        names = names_in(leaves, self.id_leaves)
        return names[0].value if names and _PLAIN.fullmatch(names[0].value) else ""

    def ant(self, inbound: Inbound) -> AntMessage:
        """What the open platform reports, of this application. Raises Unreadable."""
        self._mine(inbound.form.text(b"app_id"))
        message = read_ant(inbound.form)
        if message.at is not None:
            check_age(message.at, self.clock(), self.ant_fresh)
        return message

    def _mine(self, app_id: str) -> None:
        if app_id != self.app_id:
            raise Unreadable("app")


def is_activation(inbound: Inbound, leaves: Leaves) -> bool:
    """Whether the console asks for the gateway's activation."""
    return inbound.is_check or name_in(leaves, "EventType") == "verifygw"
