"""What is fuzzed in this process: every target by name. Loading them loads the product."""

from __future__ import annotations

from benchmarks.fuzz.target import Target
from benchmarks.fuzz.targets.alipay import ALIPAY, ALIPAY_CONTENT
from benchmarks.fuzz.targets.pictures import CARD_TEXT, PICTURES
from benchmarks.fuzz.targets.replying import REPLIES
from benchmarks.fuzz.targets.talking import TALK, UNDERSTANDING
from benchmarks.fuzz.targets.values import DATES, ID_NUMBERS, NAMES, PHONES
from benchmarks.fuzz.targets.webhook import CIPHER, CODEC, CONTENT

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        CODEC, CONTENT, CIPHER, REPLIES, ID_NUMBERS, NAMES, PHONES, DATES, UNDERSTANDING, TALK,
        PICTURES, CARD_TEXT, ALIPAY, ALIPAY_CONTENT,
    )
}  # fmt: skip
