"""What the commands about pushes work with: one transaction, and who sits at the keyboard."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session as Records

from bot.commands.settings import keyring, local_settings, stop
from bot.demo.clock import DemoClock
from bot.demo.staff import read_staff
from bot.upkeep import rungs_of
from config.city import City, load_city
from config.templates import load_templates
from models.database import Database
from models.push.orders import Unfit
from models.push.stages import ForbiddenStage
from models.push.steering import NoSuchCampaign, Steering
from models.staff import Role, find_staff


@dataclass(frozen=True, slots=True)
class Desk:
    """One transaction. `by` is `cli:<user>`."""

    records: Records
    city: City
    by: str
    now: datetime

    def steering(self, by: str = "") -> Steering:
        """What may be done as somebody; as whoever sits here where nobody is named."""
        settings = local_settings()
        templates, keys = load_templates(self.city), keyring(settings)
        return Steering(self.city, templates, keys, rungs_of(settings), by or self.by, via=self.by)

    def editor(self, login: str) -> str:
        """The member of staff whose campaign it is. Ends the command for anybody else."""
        staff = find_staff(self.records, login)
        if staff is None or not staff.active or not staff.has(Role.PUSH_EDITOR):
            stop([f"--by: nobody who writes pushes has the login {login}"])
        return staff.by


@contextmanager
def office() -> Iterator[Desk]:
    """A desk; what cannot be done ends the command with a sentence each, and changes nothing."""
    settings = local_settings()
    database = Database(settings.database)
    by = f"cli:{getpass.getuser()}"
    try:
        with database.writing() as records:
            yield Desk(records, load_city(settings.city), by, _now())
    except Unfit as unfit:
        stop(unfit.faults)
    except NoSuchCampaign:
        stop(["there is no campaign with that number"])
    except ForbiddenStage as fault:
        stop([f"it is {fault.stage} now: that cannot be done"])
    finally:
        database.dispose()


def _now() -> datetime:
    """The machine's clock; in a demo its own, which may be days ahead."""
    folder = local_settings().data_dir
    return DemoClock(folder)() if read_staff(folder) else datetime.now(UTC)
