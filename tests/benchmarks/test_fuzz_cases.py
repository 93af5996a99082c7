"""What fuzzing found once, and what it begins with: each still holds its target's property."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.fuzz.bodies.judging import FLAT, changed, fault_of, grown
from benchmarks.fuzz.bodies.mutants import Mutant, mutant
from benchmarks.fuzz.bodies.wire import Answer
from benchmarks.fuzz.by_hypothesis import run
from benchmarks.fuzz.mutating import Mutator
from benchmarks.fuzz.target import CASES, Target, hold, kept, shrunk
from benchmarks.fuzz.targets import TARGETS
from benchmarks.fuzz.targets.alipay import ALIPAY, gateway_property
from benchmarks.fuzz.targets.alipay import codec as alipay_codec
from benchmarks.fuzz.targets.talking import moments
from benchmarks.fuzz.targets.webhook import CODEC, MODES, _codec, webhook_property
from benchmarks.fuzz.weakened import WEAKENED
from bot.channels.alipay.form import Form
from bot.channels.alipay.verification import Family, Verifier
from bot.channels.wechat.codec import WeChatCodec
from bot.channels.wechat.faults import BadSignature, Unreadable
from handlers.card.form import CARD

_FOUND = [path for name in TARGETS for path in kept(name)]


@pytest.mark.parametrize("path", _FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_once_holds(path: Path) -> None:
    hold(_warm(path.parent.name), path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_what_fuzzing_begins_with_holds(name: str) -> None:
    target = _warm(name)
    for data in [b"", *target.seeds()]:
        hold(target, data)


def _warm(name: str) -> Target:
    """The target, with everything loaded: that is not the price of an input."""
    TARGETS[name].check(b"")
    return TARGETS[name]


def test_every_kept_case_belongs_to_a_target() -> None:
    assert {path.name for path in CASES.iterdir() if path.is_dir()} <= set(TARGETS)


def test_conversations_are_fuzzed_at_every_question_of_the_card_form() -> None:
    assert {name.split("/")[1] for name in moments()} >= {step.name for step in CARD.steps}


@pytest.mark.parametrize("name", ["credulous", "loud"])
def test_a_protection_that_is_taken_out_is_reported(name: str) -> None:
    codecs = {mode: _codec(mode, WEAKENED[name]) for mode in MODES}
    weak = Target("weak", webhook_property(codecs), CODEC.seeds, CODEC.tokens)
    _, findings = run(weak, 500, 1)
    assert len(findings) == 1


def test_a_gateway_that_believes_everybody_is_reported() -> None:
    class Credulous(Verifier):
        def check(self, form: Form, family: Family) -> None:
            pass

    weak = Target("weak", gateway_property(alipay_codec(Credulous)), ALIPAY.seeds, ALIPAY.tokens)
    _, findings = run(weak, 50, 1)
    assert len(findings) == 1


def test_an_input_is_cut_to_what_matters() -> None:
    def check(data: bytes) -> None:
        assert not (b"<" in data and b"&" in data)

    found = shrunk(Target("marks", check, lambda: [b""]), b"one < two and so on & so forth")
    assert found == b"<&"


def test_the_same_seed_makes_the_same_mutants() -> None:
    made = [Mutator(random.Random(7)).mutate(b"<xml>one</xml>") for _ in range(2)]
    assert made[0] == made[1]
    assert mutant(1, 5, "safe") == mutant(1, 5, "safe")
    assert mutant(1, 5, "safe") != mutant(2, 5, "safe")


def test_a_mutant_comes_back_from_its_record() -> None:
    made = mutant(1, 9, "compatible")
    assert Mutant.of_record(json.loads(json.dumps(made.record()))) == made


@pytest.mark.parametrize("mode", MODES)
def test_what_a_signature_is_worth_is_what_the_codec_makes_of_it(mode: str) -> None:
    """An independent judgement of 2,000 mutants, and the codec's: signed pass, unsigned do not."""
    from urllib.parse import parse_qsl

    codec: WeChatCodec = _codec(mode)  # type: ignore[arg-type]
    kinds: Counter[str] = Counter()
    for number in range(2000):
        made = mutant(3, number, mode)  # type: ignore[arg-type]
        if len(made.body) > codec.max_bytes:
            continue
        kinds[made.kind] += 1
        known = {"unsigned": {False}, "signed": {True}, "perhaps": {True, False}}[made.kind]
        query = dict(parse_qsl(made.query, keep_blank_values=True))
        assert _passes(codec, made.body, query) in known, made
    assert kinds["signed"] >= 400 <= kinds["unsigned"]


def _passes(codec: WeChatCodec, body: bytes, query: dict[str, str]) -> bool:
    try:
        codec.open(body, query)
    except BadSignature:
        return False
    except Unreadable:
        return True
    return True


def test_answers_are_judged_by_what_the_signature_is_worth() -> None:
    def kind(status: int, worth: str, body: bytes = b"success") -> str:
        made = Mutant(1, "safe", worth, "", b"", "")  # type: ignore[arg-type]
        fault = fault_of(Answer(made, status, body, 0.1))
        return fault.kind if fault else ""

    assert [kind(status, "signed") for status in (200, 403, 500, 0)] == [
        "", "status", "status", "dropped",
    ]  # fmt: skip
    assert [kind(status, "unsigned") for status in (403, 200, 500)] == ["", "status", "status"]
    assert kind(200, "signed", b"Internal") == "answer"


def test_a_change_of_state_and_of_memory_is_reported() -> None:
    assert changed({"keys": 1, "rows": {"turns": 2}}, {"keys": 1, "rows": {"turns": 3}})
    assert not changed({"keys": 1}, {"keys": 1})
    assert grown([100.0, 100.0 + FLAT]) is None
    assert grown([100.0, 101.0 + FLAT]) is not None
