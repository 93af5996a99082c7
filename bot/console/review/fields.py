"""The answers of an application as staff read them: which there are, what each is called, how its
codes read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from config.city import City
from models.ethnicities import ETHNICITIES, find_ethnicity

LONG_TERM = "长期"

_ID_TYPES = {
    "RESIDENT_ID": "居民身份证",
    "HKMO_RESIDENCE_PERMIT": "港澳居民居住证",
    "TW_RESIDENCE_PERMIT": "台湾居民居住证",
    "FOREIGN_PR": "外国人永久居留身份证",
}
_STATUS = {
    "employed": "在单位上班",
    "self_employed": "个体、零工或务农",
    "unemployed": "没有工作",
    "retired": "已退休",
    "student": "学生",
}
_OCCUPATIONS = {
    "010": "公务员", "020": "事业单位员工", "030": "公司员工", "040": "军人警察", "050": "工人",
    "060": "农民", "070": "管理人员", "080": "技术人员", "090": "私营业主", "100": "文体明星",
    "110": "自由职业者", "120": "学生", "130": "无职业",
}  # fmt: skip
_HOUSEHOLDS = {
    "31": "香港", "32": "澳门", "33": "台湾", "42": "外国人（永久居留）", "51": "本地居民",
    "52": "外地居民",
}  # fmt: skip
_DELIVERIES = {"pickup": "网点领取", "post": "邮寄到家"}
_SEXES = {"male": "男", "female": "女"}
_RELATIONS = {"self": "本人"}

Read = Callable[[City, str], str]


def _table(words: Mapping[str, str]) -> Read:
    """A code in words; one that no word is known for stays as it is."""
    return lambda city, value: words.get(value, value)


def _plain(city: City, value: str) -> str:
    return value


def _day(city: City, value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return LONG_TERM if value in ("long_term", "9999-12-31") else value
    return f"{day.year}年{day.month}月{day.day}日"


def _ethnicity(city: City, value: str) -> str:
    code = value if value in ETHNICITIES else find_ethnicity(value)
    return ETHNICITIES[code].full_name if code in ETHNICITIES else value


def _occupation(city: City, value: str) -> str:
    return f"{_OCCUPATIONS[value]}（{value}）" if value in _OCCUPATIONS else value


def _district(city: City, value: str) -> str:
    return next((d.name for d in city.districts if d.code == value), value)


def _bank(city: City, value: str) -> str:
    return next((bank.name for bank in city.banks if bank.code == value), value)


def _branch(city: City, value: str) -> str:
    return next((branch.name for branch in city.branches if branch.code == value), value)


@dataclass(frozen=True, slots=True)
class Field:
    """One answer: its name in the answers, what staff call it, how its value reads."""

    name: str
    label: str
    reads: Read = _plain

    def shown(self, city: City, value: Any) -> str:
        """The value in words; empty where there is none."""
        return "" if value in (None, "") else self.reads(city, str(value))


FIELDS: tuple[Field, ...] = (
    Field("name", "姓名"),
    Field("id_number", "证件号码"),
    Field("sex", "性别", _table(_SEXES)),
    Field("birth_date", "出生日期", _day),
    Field("ethnicity", "民族", _ethnicity),
    Field("id_address", "证件住址"),
    Field("valid_until", "有效期至", _day),
    Field("id_type", "证件类型", _table(_ID_TYPES)),
    Field("for_whom", "为谁办", _table(_RELATIONS)),
    Field("phone", "手机"),
    Field("lives_at", "现住址"),
    Field("district", "区县", _district),
    Field("status", "工作情况", _table(_STATUS)),
    Field("employer", "单位"),
    Field("occupation", "职业", _occupation),
    Field("household", "户口", _table(_HOUSEHOLDS)),
    Field("bank", "银行", _bank),
    Field("branch", "网点", _branch),
    Field("delivery", "领卡方式", _table(_DELIVERIES)),
)

PICTURES = {"portrait": "照片", "id_photos": "证件照片"}
"""Answers that are pictures, and what staff call them."""

LABELS: Mapping[str, str] = {
    **{field.name: field.label for field in FIELDS},
    **PICTURES,
    "work": "工作",  # a question of the form that fills several answers
}


def label_of(name: str) -> str:
    """What staff call an answer; its own name where nobody has one for it."""
    return LABELS.get(name, name)
