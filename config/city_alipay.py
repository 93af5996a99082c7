"""What a city sets for its Alipay accounts: what is done there, approved wordings, what is unsure.

Where Alipay's own pages leave a figure out, it stands here, so that an account which behaves
otherwise is met by a line in the profile and not by a change of code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from config.city_wechat import Act, Allowance, TemplateId

_STRICT = ConfigDict(extra="forbid")

Positive = Annotated[int, Field(gt=0)]
SignType = Literal["RSA2", "RSA"]
Refusal = Literal["window", "person", "quota", "rate", "rights", "refused", "away"]
"""Not before the person acts again, never to this person, not before tomorrow, later, not to us,
for good, nobody knows."""
Page = Annotated[str, Field(pattern=r"^(?:(?:alipays|https)://[\x21-\x7e]{1,500})?$")]


@dataclass(frozen=True, config=_STRICT)
class Alipay:
    """`apply_in_chat`: whether forms are filled in in the life account's chat, or the way to the
    site is shown. `sign_types`: what a push may be signed with; RSA means SHA-1.

    `answers_to`: the id that is preferred where Alipay names a person by both; a new account is
    named by it, and messages go to it. `open_id_leaves`: what the open id may be called in a push,
    which Alipay does not document. `text_bytes`: what one text may hold, in bytes of UTF-8.

    `second_rule`: a push whose signature does not hold by the rule of its kind (with or without
    `sign_type`) is tried by the other one, and that is logged. `fresh_hours`: how old a message
    may be by its own time; answers are kept for 24 hours, and what is older could be taken twice.
    `ant_fresh_hours`: the same of the open platform's own messages, which it repeats for 25 hours.
    `acknowledge`: how a message is acknowledged. `greet_hours`: after how long who opens the chat
    is greeted again; Alipay lets an opening be answered once a day.

    `allowance`: how many customer-service messages an act allows, as in `[wechat.allowance]`.
    `single_templates` (life account) and `mini_templates` (mini program) hold, by a wording's name
    in `templates.toml`, the id under which Alipay approved it. `subscribe_page` is the page of the
    city's mini program that asks for leave to send the latter, as an address Alipay opens
    (alipays://platformapi/startapp?appId=…): a chat cannot ask, so that without it nothing is
    offered."""

    apply_in_chat: bool = False
    sign_types: tuple[SignType, ...] = ("RSA2",)
    second_rule: bool = True
    fresh_hours: Annotated[int, Field(gt=0, lt=24)] = 23
    ant_fresh_hours: Positive = 26
    greet_hours: Positive = 24
    acknowledge: Literal["signed", "bare", "success"] = "signed"
    answers_to: Literal["user_id", "open_id"] = "user_id"
    open_id_leaves: tuple[str, ...] = ("FromOpenId", "OpenId", "open_id")
    text_bytes: Positive = 2048
    allowance: Mapping[Act, Allowance] = field(default_factory=dict)
    single_templates: Mapping[str, TemplateId] = field(default_factory=dict)
    mini_templates: Mapping[str, TemplateId] = field(default_factory=dict)
    subscribe_page: Page = ""
    sends_per_second: Positive = 20
    template_button: Annotated[str, Field(min_length=1, max_length=8)] = "查看详情"
    shown_in: Literal["chat", "home"] = "chat"
    media_method: Literal[
        "alipay.mobile.public.multimedia.download",
        "alipay.open.public.multimedia.download.proxy",
    ] = "alipay.mobile.public.multimedia.download"
    encrypts: bool = False
    mini_page: Annotated[str, Field(min_length=1, max_length=128)] = "pages/index/index"
    refusals: Mapping[str, Refusal] = field(default_factory=dict)

    def approved(self) -> Mapping[str, Mapping[str, TemplateId]]:
        """The ids by rung of `templates.toml`."""
        return {"alipay_single": self.single_templates, "alipay_mini": self.mini_templates}
