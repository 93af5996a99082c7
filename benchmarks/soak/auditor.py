"""Says what a soak lost, doubled, reordered or answered differently.

    python -m benchmarks.soak.auditor --journal J --database URL --redis URL --account wechat:APP \
        --key BASE64

A program of its own: it reads the journal of what was seen from outside, the tables by SQL and the
conversations by Redis commands, and knows nothing of the product's code. What it prints is JSON;
its exit status is 1 when there is a finding.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.soak.stores import Kept, Stores

TOKEN = re.compile(r"<(\d+)\.([a-z])\.([0-9a-f]{4})>")
PATIENCE = ("正在处理，请稍候", "I'm working on it")  # promises an answer by API message
APOLOGY = ("没有办成", "was not dealt with")  # which may come late, by mail
SEEN = "seen: "
REMEMBERED = re.compile(rf"{SEEN}([^\n]*)")  # a line of its own, among other answers
PUT_ASIDE = "put aside after three deaths, shown to staff"
TICKETS_OF = {"t": 1, "j": 1}  # by the letter of what a message wrote


@dataclass(frozen=True)
class Finding:
    """One broken promise: kind is lost, doubled, reordered or differing."""

    kind: str
    person: str
    what: str


@dataclass
class Story:
    """What one person saw: answers by message number, roads by token, sent things by number."""

    answers: dict[int, list[str | None]] = field(default_factory=lambda: defaultdict(list))
    roads: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    sms: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    pictures: Counter[int] = field(default_factory=Counter)
    updates: dict[str, list[str | None]] = field(default_factory=lambda: defaultdict(list))
    apologies: int = 0  # by mail
    seen: list[str] | None = None  # the tokens the conversation remembers, as it told them
    card: str | None = None  # the acceptance number that was told

    def hear(self, event: Mapping[str, Any], place: int) -> None:
        """Take one line of the journal; `place` is its line."""
        match event["what"]:
            case "delivery":
                self._answer(int(event["number"]), str(event["update"]), event["answer"])
            case "message":
                self._tokens(str(event["text"]), f"message {place}")
                self.apologies += _apologies(str(event["text"]))
            case "picture":
                self.pictures[int(event["number"])] += 1
            case "sms":
                self.sms[int(event["number"])].add(str(event["key"]))
            case "card":
                self.card = str(event["accepted"])

    def _answer(self, number: int, update: str, answer: str | None) -> None:
        if answer is not None and SEEN in answer:
            told = REMEMBERED.findall(answer)[-1]
            self.seen, answer = told.split(), REMEMBERED.sub("", answer)
        self._tokens(answer or "", f"answer to {update}")
        if TOKEN.search(answer or ""):  # mail came with it
            self.apologies += _apologies(answer or "")
        self.updates[update].append(answer)
        if number:
            self.answers[number].append(answer)

    def _tokens(self, text: str, road: str) -> None:
        for token in TOKEN.finditer(REMEMBERED.sub("", text)):
            self.roads[token[0]].add(road)


def _apologies(text: str) -> int:
    return sum(text.count(word) for word in APOLOGY)


def read_journal(lines: Iterable[str]) -> dict[str, Story]:
    """The story of every person in a journal."""
    stories: dict[str, Story] = defaultdict(Story)
    for place, line in enumerate(lines):
        event = json.loads(line)
        if "person" in event:
            stories[event["person"]].hear(event, place)
    return stories


def audit(stories: Mapping[str, Story], kept: Mapping[str, Kept]) -> list[Finding]:
    """Every finding; `kept` is what the databases hold of each person."""
    return [
        Finding(kind, person, what)
        for person, story in stories.items()
        for kind, what in judge(story, kept.get(person, Kept()))
    ]


def judge(story: Story, kept: Kept) -> list[tuple[str, str]]:
    """The findings of one person, as kind and sentence."""
    found = list(_leftovers(kept))
    if story.card is not None and not _is_the_one(story.card, kept.applications):
        kind = "lost" if not kept.applications else "doubled"
        found.append((kind, f"told {story.card}, on record {kept.applications}"))
    if story.seen is None:
        return [*found, ("lost", "never told what it has seen")] if story.answers else found
    seen = [(int(number), token) for token in story.seen for number in TOKEN.findall(token)[0][:1]]
    found += _order(story, [number for number, _ in seen])
    found += _forgotten(story, kept, {number for number, _ in seen})
    for number in sorted({*story.answers, *kept.tickets, *dict(seen)}):
        tokens = [token for other, token in seen if other == number]
        excused = number in kept.put_aside  # with an apology, for staff to see
        said = _message(story, kept, number, tokens)
        found += [(kind, what) for kind, what in said if not (excused and kind == "lost")]
    return found


def _is_the_one(told: str, on_record: Sequence[str]) -> bool:
    """Whether there is one application, and what was told is its number or the end of it."""
    return len(on_record) == 1 and bool(told) and on_record[0].endswith(told)


def _leftovers(kept: Kept) -> Iterable[tuple[str, str]]:
    if 0 in kept.put_aside:
        yield "lost", "something else than a message of the soak was put aside"
    if kept.waiting:
        yield "lost", f"{kept.waiting} entries were left in Redis"


def _order(story: Story, numbers: Sequence[int]) -> Iterable[tuple[str, str]]:
    """Messages that nobody answered may still lie in a socket, and arrive at any time."""
    answered = [n for n in numbers if any_answer(story.answers[n])]
    if answered != sorted(answered):
        yield "reordered", f"handled {numbers}"


def _forgotten(story: Story, kept: Kept, seen: set[int]) -> Iterable[tuple[str, str]]:
    """Messages that were promised an answer and not handled; a late apology is one, and names no
    message."""
    unhandled = sorted(set(story.answers) - seen - set(kept.put_aside))
    late = story.apologies
    for number in unhandled:
        answers = _given(story, number)
        told = [answer for answer in answers if any(TOKEN.finditer(answer))]
        if late and not told and any(_promises(answer, number) for answer in answers):
            late -= 1
        elif any(_promises(answer, number) for answer in answers):
            yield "lost", f"{number} was answered {answers}, and is not remembered"


def _given(story: Story, number: int) -> list[str]:
    return [answer for answer in story.answers[number] if answer is not None]


def _message(
    story: Story, kept: Kept, number: int, tokens: Sequence[str]
) -> Iterable[tuple[str, str]]:
    answers = _given(story, number)
    promised = any(_promises(answer, number) for answer in answers)
    if len(tokens) > 1:
        yield "doubled", f"{number} was handled as {tokens}"
    yield from _told(story, kept, number, tokens, promised)
    yield from _same(answers, number)
    yield from _records(story, kept, number, tokens)


def _promises(answer: str, number: int) -> bool:
    """Silence and 请稍候 promise an answer by mail; an apology promises nothing."""
    own = any(int(token[1]) == number for token in TOKEN.finditer(answer))
    return own or not answer or answer.endswith(PATIENCE) or answer.startswith(PATIENCE)


def _told(
    story: Story, kept: Kept, number: int, tokens: Sequence[str], promised: bool
) -> Iterable[tuple[str, str]]:
    heard = {token: roads for token, roads in story.roads.items() if _number(token) == number}
    for token, roads in heard.items():
        if len(roads) > 1:
            yield "doubled", f"{token} was told by {sorted(roads)}"
        if token not in tokens:
            yield "differing", f"{token} was told, {list(tokens)} is remembered"
    for token in tokens:
        known = token in heard or token in kept.in_doubt or token in unfetched(story, kept)
        if promised and not known:
            yield "lost", f"{token} was never told"


def unfetched(story: Story, kept: Kept) -> set[str]:
    """Tokens in replies that lie ready for a message of which no delivery was ever answered."""
    deaf = [update for update, answers in story.updates.items() if not any_answer(answers)]
    return {
        token
        for update, tokens in kept.stored.items()
        if any(update.endswith(each) for each in deaf)
        for token in tokens
    }


def any_answer(answers: Sequence[str | None]) -> bool:
    return any(answer is not None for answer in answers)


def _same(answers: Sequence[str], number: int) -> Iterable[tuple[str, str]]:
    said = {answer for answer in answers if answer and _promises(answer, number)}
    said = {answer for answer in said if not answer.startswith(PATIENCE)}
    if len(said) > 1:
        yield "differing", f"{number} was answered {sorted(said)}"


def _records(
    story: Story, kept: Kept, number: int, tokens: Sequence[str]
) -> Iterable[tuple[str, str]]:
    wrote = [token.split(".")[1] for token in tokens]
    wanted = sum(TICKETS_OF.get(letter, 0) for letter in wrote)
    tickets, sms = kept.tickets[number], len(story.sms[number])
    if tickets < wanted or sms < wrote.count("s"):
        yield "lost", f"{number} wrote {wrote}, on record {tickets} tickets and {sms} SMS"
    if tickets > wanted or sms > wrote.count("s"):
        yield "doubled", f"{number} wrote {wrote}, on record {tickets} tickets and {sms} SMS"
    if story.pictures[number] > 1:
        yield "doubled", f"{number} showed {story.pictures[number]} pictures"


def _number(token: str) -> int:
    return int(token[1:].partition(".")[0])


def figures(stories: Mapping[str, Story], kept: Mapping[str, Kept]) -> dict[str, int]:
    """What there was to judge, so that an empty audit cannot pass for a good one."""
    answers = [a for story in stories.values() for all_ in story.answers.values() for a in all_]
    numbers = [(s, n) for s in stories.values() for n in s.answers]
    apologised = [(s, n) for s, n in numbers if not any(_kept_word(a, n) for a in s.answers[n])]
    return {
        "people": len(stories),
        "messages": len(numbers),
        "deliveries": len(answers),
        "deliveries without an answer": answers.count(None),
        "messages without a promise": len(apologised),
        "messages handled": sum(len(s.seen or ()) for s in stories.values()),
        "tickets": sum(k.tickets.total() for k in kept.values()),
        "sms": sum(len(keys) for s in stories.values() for keys in s.sms.values()),
        "pictures": sum(s.pictures.total() for s in stories.values()),
        "told by API message": sum(
            any(road.startswith("message") for road in roads)
            for s in stories.values()
            for roads in s.roads.values()
        ),
        PUT_ASIDE: sum(len(k.put_aside) for k in kept.values()),
        "letters in doubt, shown to staff": sum(len(k.in_doubt) for k in kept.values()),
        "letters ready that the platform never fetched": sum(
            len(_left_with_others(s, kept[person])) for person, s in stories.items()
        ),
        "cards": sum(s.card is not None for s in stories.values()),
    }


def _left_with_others(story: Story, kept: Kept) -> set[str]:
    """Letters that went with the reply to a later message, which nobody fetched."""
    lost = unfetched(story, kept) - set(story.roads)
    return {t for t in lost if any(_promises(a, _number(t)) for a in _heard(story, t))}


def _heard(story: Story, token: str) -> list[str]:
    return _given(story, _number(token))


def _kept_word(answer: str | None, number: int) -> bool:
    return answer is not None and _promises(answer, number)


def report(journal: Path, stores: Stores) -> dict[str, Any]:
    """The whole audit of one run."""
    with journal.open(encoding="utf-8") as lines:
        stories = read_journal(lines)
    kept = {person: stores.kept(person) for person in stories}
    findings = audit(stories, kept)
    return {
        "figures": figures(stories, kept),
        "findings": [vars(finding) for finding in findings],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("journal", "database", "redis", "account", "key"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args(arguments)
    key = base64.b64decode(given.key)
    with Stores(given.database, given.redis, given.account, key) as stores:
        told = report(Path(given.journal), stores)
    print(json.dumps(told, ensure_ascii=False, indent=1))
    return 1 if told["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
