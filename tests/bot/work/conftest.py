"""The turn's rig, whose wakes ring a real bell."""

from tests.bot.turn.conftest import no_child_is_left, rig, rig_on_both

__all__ = ["no_child_is_left", "rig", "rig_on_both"]
