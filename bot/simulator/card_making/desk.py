"""A desk that takes batches: each once, known by its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.simulator.card_making.envelope import BadEnvelope, opened
from bot.simulator.card_making.ledger import Ledger
from bot.simulator.card_making.offices import Offices
from bot.simulator.card_making.package import BadPackage, Package, Person, read_package
from bot.simulator.card_making.replies import Replies
from bot.simulator.card_making.road import MAY_FAIL
from bot.simulator.card_making.settings import CardMakingConfig, DeskConfig

Fails = Callable[[str], Mapping[str, int]]
"""By an ID number: the steps that fail for this person, and how often."""


class OtherContent(Exception):
    """A batch of this id is there, with another digest."""


class Desk:
    """The province's or the bank's."""

    def __init__(
        self,
        config: CardMakingConfig,
        name: str,
        ledger: Ledger,
        offices: Offices,
        replies: Replies,
        fails: Fails,
        clock: Callable[[], datetime],
    ) -> None:
        self.name = name
        self._keys: DeskConfig = config.bank if name == "bank" else config.province
        self._mailed, self._ledger, self._offices = config.mailed, ledger, offices
        self._replies, self._fails, self._clock = replies, fails, clock

    def take(self, body: bytes) -> str:
        """`taken`, or `known` where it was taken before. Raises `BadPackage`, `OtherContent`."""
        package = self._read(body)
        with self._ledger.changing():
            known = self._ledger.batch(self.name, package.name)
            if known is not None:
                if known["digest"] != package.digest:
                    raise OtherContent(package.name)
                return "known"
            self._enter(package)
        return "taken"

    def _read(self, body: bytes) -> Package:
        try:
            letter = opened(body, city=self._keys.city, shared=self._keys.shared)
        except BadEnvelope as error:
            raise BadPackage("envelope", "it does not open, or is not signed by you") from error
        return read_package(letter, self.name)

    def _enter(self, package: Package) -> None:
        at = self._clock().isoformat(timespec="seconds")
        count = len(package.people)
        self._ledger.add_batch(self.name, package.name, package.digest, count, at)
        self._ledger.set_fact("region", package.region)
        for person in package.people:
            self._plan(person)
            self._offices.take(self.name, package.name, self._asked(person))
        self._offices.settle()
        self._replies.write()

    def _asked(self, person: Person) -> dict[str, str]:
        taken = {name: person[name] for name in ("application", "name", "bank", "outlet")}
        return {**taken, "mailed": "1" if person["delivery"] in self._mailed else ""}

    def _plan(self, person: Person) -> None:
        """What the register says will go wrong with this person's card, the first time."""
        if self._ledger.newest(person["application"]) is None:
            for step, times in self._fails(person["id_number"]).items():
                if step in MAY_FAIL:
                    self._ledger.plan_step(person["application"], step, times)
