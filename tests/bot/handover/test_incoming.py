"""Reply files as bytes: whole or not at all, and every line by itself."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from bot.handover.envelope import Pair, close_envelope
from bot.handover.incoming import FileFault, open_file, read_lines
from bot.handover.suites import SUITES
from bot.handover.tars import make_tar
from tests.bot.handover.test_envelope import pairs

NAME = "SBK_119900_20261126_0001_ANS"
STAGES = ("PROVINCE", "FACTORY")
ONE = "0123456789abcdef" * 2
WELL = f"{ONE}|PROVINCE|OK|||||||2026-11-26T16:00:00+08:00"


@pytest.fixture(scope="module")
def keys() -> tuple[Pair, Pair]:
    return pairs()


def file(keys: Pair, lines: bytes, name: str = NAME, **change: Any) -> bytes:
    manifest = {
        "file": NAME,
        "from": "province",
        "encoding": "utf-8",
        "count": lines.count(b"\n"),
        **change,
    }
    tar = make_tar(manifest, {"replies.txt": lines}, SUITES[1])
    return close_envelope(name, tar, SUITES[1], keys)


def test_a_whole_file_is_read_in_either_encoding(keys: tuple[Pair, Pair]) -> None:
    ours, theirs = keys
    text = f"{ONE}|PROVINCE|FAIL|P01|姓名㑇𠮷不符||||| 2026-11-26T16:00:00+08:00\n".replace(
        "| 2", "|2"
    )
    for encoding in ("utf-8", "gb18030"):
        sealed = file(theirs, text.encode(encoding), encoding=encoding)
        whole = open_file(sealed, NAME, "province", ours)
        (told,), faults = read_lines(whole.lines, STAGES)
        assert (told.text, told.code, whole.count, faults) == ("姓名㑇𠮷不符", "P01", 1, [])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"count": 2}, "count"),
        ({"count": "1"}, "count"),
        ({"file": "SBK_119900_20261126_0002_ANS"}, "manifest"),
        ({"from": "bank"}, "manifest"),
        ({"encoding": "utf-16"}, "manifest"),
        ({"encoding": ["utf-8"]}, "manifest"),
    ],
)
def test_a_file_that_contradicts_its_manifest_is_not_taken(
    keys: tuple[Pair, Pair], change: dict[str, Any], code: str
) -> None:
    ours, theirs = keys
    with pytest.raises(FileFault, match=code):
        open_file(file(theirs, f"{WELL}\n".encode(), **change), NAME, "province", ours)


def test_a_file_under_another_name_is_not_taken(keys: tuple[Pair, Pair]) -> None:
    ours, theirs = keys
    sealed = file(theirs, b"", name="SBK_119900_20261126_0002_ANS")
    with pytest.raises(FileFault, match="manifest"):
        open_file(sealed, NAME, "province", ours)


def test_a_last_line_without_its_end_was_cut_off(keys: tuple[Pair, Pair]) -> None:
    ours, theirs = keys
    with pytest.raises(FileFault, match="count"):
        open_file(file(theirs, f"{WELL}\n{WELL}".encode()), NAME, "province", ours)


LINES = [
    (WELL, ""),
    (WELL.replace("OK", "FAIL"), ""),
    ("", "fields"),
    (f"{WELL}|", "fields"),
    (WELL.removeprefix(ONE), "unknown_application"),
    (WELL.replace(ONE, ONE.upper()), "unknown_application"),
    (WELL.replace("OK", "MAYBE"), "stage"),
    (WELL.replace("PROVINCE", "MOON"), "stage"),
    (WELL.replace("PROVINCE", "BANK"), "sender"),
    (WELL.replace("2026-11-26T16:00:00+08:00", "2026-11-26T16:00:00"), "time"),
    (WELL.replace("2026-11-26T16:00:00+08:00", "26.11.2026"), "time"),
    (WELL.replace("2026", "0001"), "time"),
    (WELL.replace("OK|", "OK|a b"), "fields"),
    (WELL.replace("OK||", "OK||" + "长" * 201), "fields"),
    (WELL.replace("OK||", "OK||a\\"), "characters"),
    (WELL.replace("OK||", "OK||a\tb"), "characters"),
    (f"{WELL}\r", "characters"),
]


def test_every_line_is_judged_by_itself() -> None:
    lines = "".join(f"{line}\n" for line, _ in LINES).encode()
    told, faults = read_lines(lines, STAGES)
    assert {fault.line: fault.code for fault in faults} == {
        number: code for number, (_, code) in enumerate(LINES, 1) if code
    }
    assert [line.line for line in told] == [1, 2]


def test_a_line_in_no_encoding_costs_itself_alone(keys: tuple[Pair, Pair]) -> None:
    ours, theirs = keys
    lines = f"{WELL}\n".encode() + b"\xff\xfe|\n" + f"{WELL}\n".encode()
    whole = open_file(file(theirs, lines), NAME, "province", ours)
    told, faults = read_lines(whole.lines, STAGES)
    assert ([line.line for line in told], [(f.line, f.code) for f in faults]) == (
        [1, 3],
        [(2, "characters")],
    )


def test_noise_breaks_no_reader() -> None:
    chance = random.Random(1)
    for _ in range(300):
        noise = bytearray(f"{WELL}\n{WELL}\n".encode() + os.urandom(20))
        for _ in range(chance.randint(1, 8)):
            noise[chance.randrange(len(noise))] = chance.randrange(256)
        told, faults = read_lines(bytes(noise), STAGES)
        assert len(told) + len(faults) == noise.count(b"\n")
