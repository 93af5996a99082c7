"""The road of a card: which steps there are, who tells of each, how long each takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PROVINCE, BANK = "province", "bank"
"""The two desks that take batches and write reply files."""

WAITS, THERE, FAILED = "waits", "there", "failed"
"""What a work is at between steps: it waits for the bank's batch; the card lies at the branch or
was delivered; the last step failed and somebody must send the line again."""


@dataclass(frozen=True, slots=True)
class Step:
    """One station. `stage` and `good` are what its reply line says when all went well, `bad` when
    not (empty: it cannot fail); `desk` writes that line; `days` are how long it takes unless a
    script says otherwise, `then` what follows."""

    stage: str
    good: str
    bad: str
    desk: str
    days: int
    then: str
    code: str = ""
    text: str = ""


ROAD: Mapping[str, Step] = {
    "province": Step("PROVINCE", "OK", "FAIL", PROVINCE, 1, WAITS, "P01", "姓名与证件号码不一致"),
    "bank": Step("BANK", "OK", "FAIL", BANK, 1, "factory", "B01", "名下账户异常，不能开户"),
    "factory": Step("FACTORY", "OK", "FAIL", PROVINCE, 3, "centre", "F01", "卡片打印失败"),
    "centre": Step("CENTRE", "OK", "FAIL", PROVINCE, 1, "branch", "C01", "密钥写入失败"),
    "branch": Step("BRANCH", "ARRIVED", "", PROVINCE, 1, THERE),
    "posting": Step("MAIL", "SENT", "", PROVINCE, 1, "mail"),
    "mail": Step("MAIL", "DELIVERED", "RETURNED", PROVINCE, 2, THERE, "M02", "地址无人签收"),
}
MAY_FAIL = tuple(name for name, step in ROAD.items() if step.bad)

BY_HAND = {
    ("BANK", "ACTIVATED"): BANK,
    ("BRANCH", "COLLECTED"): PROVINCE,
    ("BRANCH", "ACTIVATED"): PROVINCE,
    ("MAIL", "DELIVERED"): PROVINCE,
}
"""What no step says: a person did it at a counter, and a script has it told."""
