"""What a returned or refused application is told of, in the person's words.

Drawn from the findings alone, so that chat, pages, API and the preview in the console say the same
to the letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from config.locales import Texts
from config.reasons import Reason, load_reasons
from models.returns import Finding

_COUNTED = 5  # what has a word of its own: 一样 … 五样


@dataclass(frozen=True, slots=True)
class Shortcoming:
    """One finding in words; sentences without a full stop."""

    finding: Finding
    need: str
    fact: str
    rule: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What is told of an application that came back, by sentence."""

    greeting: str  # 您好，陈*强。 "" where nobody is greeted
    lacks: str  # 您的社保卡申请（受理号尾号0731）差一样东西：照片要重拍。
    opening: str  # both in one line
    brief_lacks: str  # 差一样东西：照片要重拍。
    found: tuple[str, ...]  # who found what on which day, the rule; that all else is fine
    until: str  # until when, and how many days are left; "" where no day is set
    shortcomings: tuple[Shortcoming, ...]  # the most important first

    @property
    def text(self) -> str:
        """The whole message."""
        return "\n".join(line for line in (self.opening, *self.found, self.until) if line)

    @property
    def brief(self) -> str:
        """The same below a line that says whose it is, as 进度 does."""
        return "\n".join(line for line in (self.brief_lacks, *self.found, self.until) if line)

    @property
    def needs(self) -> tuple[str, ...]:
        """What is wanted, each thing once: two faults of one photo want one new photo."""
        return tuple(dict.fromkeys(each.need for each in self.shortcomings))


@dataclass(frozen=True, slots=True)
class Wording:
    """In which language, and as of which day. `reasons` are the city's."""

    texts: Texts
    locale: str
    today: date
    reasons: Mapping[str, Reason] | None = None

    def correction(
        self,
        findings: Iterable[Finding],
        *,
        found_on: date,
        correct_by: date | None,
        tail: str,
        name: str = "",
    ) -> Correction:
        """The message about an application that was sent back on `found_on`. `name` is masked by
        the caller, as its channel masks; without one nobody is greeted."""
        lacking = self.shortcomings(findings)
        needs = list(dict.fromkeys(each.need for each in lacking))
        joined = self._say("needs_joined").join(needs)
        greeting = self._say("greeting", name=name) if name else ""
        count = self._count(len(needs))
        lacks = self._say("lacks", tail=tail, count=count, needs=joined)
        return Correction(
            greeting=greeting,
            lacks=lacks,
            opening=self._say("opening", greeting=greeting, lacks=lacks) if name else lacks,
            brief_lacks=self._say("brief_lacks", count=count, needs=joined),
            found=self._found(lacking, found_on),
            until=self.until(correct_by) if correct_by else "",
            shortcomings=lacking,
        )

    def remedies(self, findings: Iterable[Finding]) -> str:
        """How to mend these, one sentence each, the same one once."""
        told = dict.fromkeys(each.remedy for each in self.shortcomings(findings))
        joined = self._say("sentences_joined").join(self._sentence(remedy) for remedy in told)
        return joined

    def needs(self, findings: Iterable[Finding]) -> str:
        """差一样东西：照片要重拍, for a notice; 有要改的地方 where nobody noted what."""
        needs = list(dict.fromkeys(each.need for each in self.shortcomings(findings)))
        if not needs:
            return self._say("needs_unknown")
        joined = self._say("needs_joined").join(needs)
        return self._say("needs", count=self._count(len(needs)), needs=joined)

    def refusal(self, codes: Sequence[str], refused_on: date) -> tuple[str, ...]:
        """Why an application is refused, what the person can do, and how to object."""
        known = [self._put(Finding(code, "")) for code in codes if code in self._known()]
        if not known:
            return self._say("refused_plainly", day=self._day(refused_on)), self._say("may_object")
        first = known[0]
        told = self._say("refused", day=self._day(refused_on), fact=first.fact, rule=first.rule)
        remedy = self._sentence(first.remedy)
        return told, remedy, self._say("may_object")

    def shortcomings(self, findings: Iterable[Finding]) -> tuple[Shortcoming, ...]:
        """Each finding in words, the most important first, the same one once."""
        order = list(self._known())
        found = sorted(
            dict.fromkeys(findings),
            key=lambda f: order.index(f.code) if f.code in order else len(order),
        )
        return tuple(self._put(finding) for finding in found)

    def until(self, day: date) -> str:
        """请在12月27日前补好，还有9天。"""
        left = (day - self.today).days
        key = {1: "until_tomorrow", 0: "until_today"}.get(
            left, "until" if left > 0 else "until_over"
        )
        return self._say(key, day=self._day(day), days=left)

    # --- small parts --------------------------------------------------------------------

    def _found(self, lacking: Sequence[Shortcoming], on: date) -> tuple[str, ...]:
        day, rest = self._day(on), self._say("rest")
        if len(lacking) == 1:
            only = lacking[0]
            return (self._say("found", day=day, fact=only.fact, rule=only.rule, rest=rest),)
        each = [
            self._say("finding", n=n, fact=one.fact, rule=one.rule)
            for n, one in enumerate(lacking, 1)
        ]
        return (self._say("found_several", day=day), *each, rest)

    def _put(self, finding: Finding) -> Shortcoming:
        reason = self._known().get(finding.code)
        field = finding.field or (reason.fields[0] if reason else "")
        words = {"field": self.field(field)}

        def put(what: str) -> str:
            if reason is None:  # the city has struck it out since
                return self._say(f"unknown.{what}", **words)
            sentence: Mapping[str, str] = getattr(reason, what)
            return self.texts.fill(self.locale, sentence[self._language], **words)

        return Shortcoming(finding, put("need"), put("fact"), put("rule"), put("remedy"))

    def field(self, name: str) -> str:
        """What a finding is about, in words: 手机号."""
        key = f"returned.field.{name}"
        return self.texts.say(self.locale, key if self.texts.has(key) else "returned.field.other")

    def _sentence(self, words: str) -> str:
        if self._language == "en":
            return f"{words[:1].upper()}{words[1:]}."
        return f"{words}。"

    def _count(self, count: int) -> str:
        return self._say(f"count.{count}" if count <= _COUNTED else "count.more", count=count)

    def _day(self, when: date) -> str:
        return self.texts.day(self.locale, when, self.today)

    def _say(self, key: str, **values: object) -> str:
        return self.texts.say(self.locale, f"returned.{key}", **values)

    def _known(self) -> Mapping[str, Reason]:
        return self.reasons if self.reasons is not None else load_reasons()

    @property
    def _language(self) -> str:
        return "en" if self.locale == "en" else "zh_CN"
