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
