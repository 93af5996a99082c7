"""Negative controls: rigs with one protection taken out, which the auditor must notice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files

from benchmarks.soak.rig import SoakRig
from bot.sessions import Sessions
from bot.sessions.store import RedisClient
from bot.turn import Turns
from bot.turn.drain import Drain
from bot.turn.heads import Heads
from bot.turn.parts import Attempt, Parts
from bot.turn.result import Result
from bot.turn.transaction import LazyTransaction
from models.sealing import Keyring
from tests.bot.turn.rig import KEYS, Doubling


class WithoutFence(Heads):
    """Commits the records without the row that tells others of it."""

    def _settle(self, attempt: Attempt, transaction: LazyTransaction, result: Result) -> Result:
        transaction.commit()
        self._parts.hook("after sql commit")
        return self._follow(attempt, result, adopted=False)


class RepeatingDrain(Drain):
    """Sends again what an earlier try may have sent."""

    def send(self, attempt: Attempt, result: Result, *, adopted: bool) -> Result:
        return super().send(attempt, result, adopted=False)


class Repeating(Heads):
    """Heads whose drain repeats itself."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._drain = RepeatingDrain(parts)


@dataclass
class FencelessRig(SoakRig):
    """Without the fence row. Nobody waits long for what will not come."""

    deadline_s: float = 1.0

    def make_turns(self) -> Turns:
        return with_heads(self.turns(), WithoutFence)


class RepeatingRig(SoakRig):
    """With a sender that repeats what is `sending`; late answers only, so that there is mail."""

    acts = ("late",)

    def make_turns(self) -> Turns:
        return with_heads(self.turns(), Repeating)


class Dropping(Sessions):
    """Whoever takes over an ended lease throws away the message of the dead."""

    def __init__(self, redis_client: RedisClient, keyring: Keyring) -> None:
        super().__init__(redis_client, keyring)
        script = files("bot.sessions").joinpath("begin.lua").read_text("utf-8")
        look = "local head, text ="
        assert script.count(look) == 1
        drop = "if other then redis.call('LPOP', queue) end\n"
        self._begin = redis_client.register_script(script.replace(look, drop + look))


@dataclass
class DroppingRig(SoakRig):
    """With such conversations. Nobody waits long for what is gone."""

    deadline_s: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.sessions = Dropping(Doubling(self.client), KEYS)


def with_heads(turns: Turns, heads: type[Heads]) -> Turns:
    """The same turns, their heads handled by another class."""
    turns._waiting = replace(turns._waiting, heads=heads(turns._parts))
    return turns


RIGS: dict[str, type[SoakRig]] = {
    "sound": SoakRig,
    "no fence": FencelessRig,
    "repeated letters": RepeatingRig,
    "dropped messages": DroppingRig,
}
