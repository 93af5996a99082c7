"""Members of staff for a running service: added by the command, signed in over HTTP."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import datetime
from io import StringIO
from os import environ
from unittest.mock import patch
from uuid import uuid4

from bot.commands import staff
from config.settings import Settings, environment_name
from models.staff import Role
from tests.end_to_end.staff_browser import StaffBrowser
from tests.rig import Bot


def somebody(bot: Bot, role: Role, branch: str = "") -> StaffBrowser:
    """A new member of staff at a browser, with the password that `shebaoka staff add` told."""
    login, told = f"s{uuid4().hex[:8]}", StringIO()
    with _environment(bot.settings, bot.clock), redirect_stdout(told), redirect_stderr(StringIO()):
        staff.add(login, "周工", [role.value], [], branch)
    return StaffBrowser(bot.site, login, told.getvalue().strip(), bot.clock, bot.clock.shift)


@contextmanager
def _environment(settings: Settings, clock: Callable[[], datetime]) -> Iterator[None]:
    """What the command finds where the rig runs; its clock is the rig's."""

    class RigTime:
        @staticmethod
        def now(_: object) -> datetime:
            return clock()

    keys = [f"{version}:{b64encode(key).decode()}" for version, key in settings.data_keys]
    values = {
        "data_dir": str(settings.data_dir),
        "database_url": str(settings.database_url),
        "data_keys": ",".join(keys),
        "index_key": b64encode(settings.index_key).decode(),
        "secret_key": settings.secret_key,
    }
    known = {environment_name(name): value for name, value in values.items()}
    with patch.dict(environ, known), patch.object(staff, "datetime", RigTime):
        yield
