"""Which other system speaks: the one whose key the request shows, looked up at each request."""

from __future__ import annotations

from flask import g

from bot.api.bearer import presented
from bot.api.doors import Doors
from bot.api.problems import Problem
from models.push.steering import Steering
from models.push.systems import system_of


class Systems:
    """Knows systems by their keys, which `shebaoka push systems add` gives."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def require(self) -> None:
        """Before a view: the request names its system, or ends here. Raises `Problem`."""
        doors = self._doors
        with doors.database.reading() as records:
            found = system_of(records, presented())
        if found is None:
            raise Problem("no-key")
        doors.limits.take("push", found.by)
        g.system = found.by

    def steering(self) -> Steering:
        """What the system of the present request may do."""
        doors = self._doors
        return Steering(doors.city, doors.templates, doors.keys, doors.rungs, str(g.system))
