"""What a city sets for its WeChat accounts: approved wordings, allowances, how fast to send.

Quotas are what the platform's pages say of most accounts; an account with others writes its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from config.city_parts import Count

_STRICT = ConfigDict(extra="forbid")

TemplateId = Annotated[str, Field(pattern=r"^[\w-]{1,64}$")]
Act = Literal["message", "option", "click", "subscribe", "scan", "enter"]
"""What a person does that lets us send: writes, taps an option of a message, taps the menu,
follows, scans a code, opens the chat of the mini program."""


@dataclass(frozen=True, config=_STRICT)
class Allowance:
    """How many customer-service messages one act allows, and for how many seconds."""

    messages: Count
    seconds: Count


@dataclass(frozen=True, config=_STRICT)
class WeChat:
    """`templates`, `subscriptions` and `mini_subscriptions` hold, by the name that a wording has
    in `templates.toml`, the id under which the platform approved it. An act without an allowance
    opens nothing; with no allowance at all nobody counts, and the platform alone decides.

    `clickable_options` makes links of numbered options, which the platform does not document.
    `late_options_as_menu` sends the options of late answers as the platform's own menu messages,
    which only verified accounts may. `mini_version` is what a tap on a message of the mini program
    opens."""

    templates: Mapping[str, TemplateId] = field(default_factory=dict)
    subscriptions: Mapping[str, TemplateId] = field(default_factory=dict)
    mini_subscriptions: Mapping[str, TemplateId] = field(default_factory=dict)
    allowance: Mapping[Act, Allowance] = field(default_factory=dict)
    mini_allowance: Mapping[Act, Allowance] = field(default_factory=dict)
    sends_per_second: Count = 20
    clickable_options: bool = True
    late_options_as_menu: bool = False
    mini_version: Literal["formal", "trial", "developer"] = "formal"

    def allowances(self, channel: str) -> Mapping[Act, Allowance]:
        """What holds in a channel, by its name."""
        known = {"wechat": self.allowance, "wechat_mini": self.mini_allowance}
        return known.get(channel, {})

    def approved(self, rung: str) -> Mapping[str, TemplateId]:
        """The ids for a rung: template, subscription or mini_subscription."""
        return {
            "template": self.templates,
            "subscription": self.subscriptions,
            "mini_subscription": self.mini_subscriptions,
        }[rung]
