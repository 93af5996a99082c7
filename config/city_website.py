"""What a city sets for its own site."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

_STRICT = ConfigDict(extra="forbid")

Code = Annotated[str, Field(pattern=r"^(https?://\S{1,500})?$")]


@dataclass(frozen=True, config=_STRICT)
class Website:
    """`wechat_code` and `alipay_code` are what the QR codes of the city's accounts hold: the
    address that opens a chat when a phone reads it. An account without one shows no code;
    `wechat_name` and `alipay_name` are what to search for instead, empty where there is no
    such account."""

    wechat_code: Code = ""
    wechat_name: str = ""
    wechat_name_en: str = ""
    alipay_code: Code = ""
    alipay_name: str = ""
    alipay_name_en: str = ""
