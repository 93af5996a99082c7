"""Putting the offices that make cards together: `card_making_end`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint

from bot.simulator.card_making.api import Making, making_api
from bot.simulator.card_making.desk import Desk, Fails
from bot.simulator.card_making.ledger import Ledger
from bot.simulator.card_making.offices import Offices
from bot.simulator.card_making.page import cards_page
from bot.simulator.card_making.replies import Replies
from bot.simulator.card_making.road import BANK, PROVINCE
from bot.simulator.card_making.settings import CardMakingConfig
from bot.simulator.card_making.wire import wire
from bot.simulator.faults import Faults
from bot.simulator.offices import Gate


def card_making_end(
    config: CardMakingConfig,
    folder: Path,
    *,
    gate: Gate,
    faults: Faults,
    fails: Fails,
    clock: Callable[[], datetime],
    pass_time: Callable[[timedelta], None],
) -> tuple[Ledger, list[Blueprint]]:
    """What must be closed, and all addresses. `pass_time` moves the clock that all look at."""
    ledger = Ledger(folder / "card_making.db")
    offices = Offices(ledger, clock)
    replies = Replies(config, ledger, clock)
    making = Making(ledger, offices, replies, clock, pass_time)
    desks = [
        Desk(config, name, ledger, offices, replies, fails, clock) for name in (PROVINCE, BANK)
    ]
    wires = [wire(desk, ledger, replies, gate, faults, clock) for desk in desks]
    return ledger, [*wires, making_api(making), cards_page(making)]
