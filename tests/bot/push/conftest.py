"""The turn's rig, for pushes too."""

from tests.bot.turn.conftest import no_child_is_left, rig, rig_on_both

__all__ = ["no_child_is_left", "rig", "rig_on_both"]
