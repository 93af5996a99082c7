"""Names are kept as registers hold them; what is in no name is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.person_names import NameFault, normalise_name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("陈国强", "陈国强"),
        ("  陈 国 强\n", "陈国强"),
        ("王", "王"),
        ("买买提·吐尔逊", "买买提·吐尔逊"),
        ("王䶮", "王䶮"),
        ("田𠮷", "田𠮷"),
        ("㼆", "㼆"),
        ("〇〇", "〇〇"),
        ("龍\ufa19", "龍\ufa19"),
        ("JANE SMITH", "JANE SMITH"),
        ("Ｊａｎｅ　Smith", "Jane Smith"),
        ("Anne-Marie O'Neill", "Anne-Marie O'Neill"),
        ("Jose\u0301", "José"),
        ("Иван Петров", "Иван Петров"),
    ],
)
def test_a_name_is_kept_as_it_is_written(typed: str, kept: str) -> None:
    assert normalise_name(typed) == kept


@pytest.mark.parametrize("dot", "·•‧・･.．。●∙⋅")
def test_every_dot_people_type_becomes_the_one_of_the_register(dot: str) -> None:
    assert normalise_name(f"买买提{dot}吐尔逊") == "买买提\u00b7吐尔逊"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        (" \u3000 ", "empty"),
        ("强" * 51, "long"),
        ("A" * 51, "long"),
        ("·买买提", "dots"),
        ("买买提·", "dots"),
        ("买买提··吐尔逊", "dots"),
        ("陈国强1", "characters"),
        ("陈国强?", "characters"),
        ("Jane 陈", "characters"),
        ("Jane1", "characters"),
        ("--", "characters"),
        ("😀", "characters"),
        ("119999199003070019", "characters"),
    ],
)
def test_what_is_no_name_is_refused_with_a_reason(typed: str, code: str) -> None:
    with pytest.raises(NameFault) as raised:
        normalise_name(typed)
    assert raised.value.code == code


def test_fifty_characters_are_a_name_counted_by_code_points() -> None:
    assert len(normalise_name("𠮷" * 50)) == 50


@given(st.text(max_size=60))
def test_a_normal_name_stays_as_it_is(text: str) -> None:
    try:
        name = normalise_name(text)
    except NameFault:
        return
    assert normalise_name(name) == name
