"""A city profile that cannot be used says everything that is wrong with it, at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.city import SHIPPED, CityFault, load_city


def faults_of(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "city.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(CityFault) as caught:
        load_city(path)
    return caught.value.faults


def test_malformed_fields_are_told_together(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8")
    text = text.replace("review = 5 ", "review = 0 ").replace('region = "119900"', 'region = "x"')
    found = faults_of(tmp_path, text + "\n[surprise]\n")
    assert [line.split(":")[0] for line in found] == ["region", "days.review", "surprise"]


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^tz = .*$", "", SHIPPED.read_text("utf-8"))
    assert faults_of(tmp_path, text) == ["tz: Field required"]


def test_codes_that_lead_nowhere_or_repeat_are_told(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8")
    text = text.replace('bank = "BOCOM"', 'bank = "NONE"').replace('"PSBC-02"', '"PSBC-01"')
    assert faults_of(tmp_path, text) == [
        "branches: PSBC-01 is there twice",
        "branches.BOCOM-01: there is no bank NONE",
        "banks.BOCOM: has no branch",
    ]


def test_a_shared_name_must_be_meant(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8").replace('aliases = ["工行", ', 'aliases = ["工行", "建行", ')
    assert faults_of(tmp_path, text) == [
        "banks.CCB.ambiguous_with: shares names with ['ICBC'], lists []",
        "banks.ICBC.ambiguous_with: shares names with ['CCB'], lists []",
    ]


def test_an_sms_text_that_forgets_a_value_is_told(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8").replace("验证码{code}，", "验证码，")
    assert faults_of(tmp_path, text) == ["sms.code: the text does not fill code"]


def test_hours_that_end_before_they_begin_are_told(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8").replace("closes = 17:00:00", "closes = 08:00:00")
    assert faults_of(tmp_path, text) == ["human: closes before it opens"]


def test_a_file_that_is_no_toml_is_told(tmp_path: Path) -> None:
    (line,) = faults_of(tmp_path, "name =")
    assert "Invalid value" in line


def test_examples_that_would_mislead_are_told(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8")
    lost = text.replace('post_bank = "BOC"', 'post_bank = "NONE"')
    assert faults_of(tmp_path, lost) == ["examples.post_bank: there is no bank NONE"]
    vague = text.replace('bank = "ICBC"\npost_bank', 'bank = "ABC"\npost_bank')
    vague = vague.replace('address = "城东区人民路1号"', 'address = "人民路1号"')
    assert faults_of(tmp_path, vague) == [
        "examples.address: 人民路1号 is no district's",
        "examples.bank: 农行 does not lead to ABC alone",
    ]


def with_scene(key: str, opens: str) -> str:
    return SHIPPED.read_text("utf-8") + f'\n[[scenes]]\nkey = "{key}"\nopens = "{opens}"\n'


@pytest.mark.parametrize(
    ("key", "opens", "fault"),
    [
        ("apply", "apply", "scenes: apply is there twice"),
        ("fair", "dance", "scenes.fair: nobody answers to dance"),
        ("fair", "other", "scenes.fair: nobody answers to other"),
        (
            "branch-CCB-01",
            "apply",
            "scenes.branch-CCB-01: codes that begin with branch- are the branches' own",
        ),
    ],
)
def test_a_code_that_leads_nowhere_is_told(
    tmp_path: Path, key: str, opens: str, fault: str
) -> None:
    assert faults_of(tmp_path, with_scene(key, opens)) == [fault]


@pytest.mark.parametrize("key", ["", "with space", "网点", "x" * 65])
def test_a_code_that_no_platform_takes_is_told(tmp_path: Path, key: str) -> None:
    (fault,) = faults_of(tmp_path, with_scene(key, "apply"))
    assert fault.startswith("scenes.3.key:")


def test_who_left_is_not_forgotten_before_what_was_half_filled(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8").replace("left = 90 ", "left = 30 ")
    (fault,) = faults_of(tmp_path, text)
    assert fault.startswith("days.left:")


def test_a_portrait_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8").replace("face_aim = 200 ", "face_aim = 300 ")
    text = text.replace("kilobytes = [14, 40]", "kilobytes = [40, 14]")
    text = text.replace("eyes_above = 207 ", "eyes_above = 441 ")
    assert faults_of(tmp_path, text) == [
        "portrait.kilobytes: ends before it begins",
        "portrait.face_aim: lies outside of portrait.face",
        "portrait.eyes_above: the eyes lie above the picture",
    ]
