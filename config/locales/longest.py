"""The longest value of each placeholder, by locale: what prompts are measured with at start."""

from __future__ import annotations

from collections.abc import Iterable

from config.city import City

_NAME = "阿卜杜热合曼·买买提吐尔逊江"  # few names are longer; a longer one only lengthens the check
_ADDRESS = "江岭省石桥县柳湾乡新民村五组桥头人民路一百二十八号院三号楼二单元五零二室"


def longest_values(city: City) -> dict[str, dict[str, str]]:
    """By locale: a value for every placeholder a form's texts may have."""
    return {"zh_CN": _chinese(city), "en": _english(city)}


def _longest(values: Iterable[str]) -> str:
    return max(values, key=len)


def _chinese(city: City) -> dict[str, str]:
    branch = _longest(b.name for b in city.branches)
    return {
        **_both(),
        "birth": "1990年10月28日",
        "valid_until": "2038年10月28日",
        "review_by": "明年10月28日",
        "card_by": "明年10月28日",
        "sex": "女",
        "ethnicity": "女，1990年10月28日出生，外国血统中国籍人士",
        "branch": branch,
        "place": branch,
        "bank": _longest(b.short for b in city.banks),
        "banks": "、".join(b.short for b in city.banks[:5]),
        "distance": "12.3公里",
        "where": "支付宝小程序",
        "day": "10月28日",
        "address": _ADDRESS,
        "id_address": _ADDRESS,
        "other": "国徽面",
    }


def _english(city: City) -> dict[str, str]:
    branch = _longest(b.name_en for b in city.branches)
    return {
        **_both(),
        "birth": "28 September 1990",
        "valid_until": "28 September 2038",
        "review_by": "28 September 2027",
        "card_by": "28 September 2027",
        "sex": "female",
        "ethnicity": "Foreign descent, Chinese national",
        "branch": branch,
        "place": branch,
        "bank": _longest(b.name_en for b in city.banks),
        "banks": ", ".join(b.name_en for b in city.banks[:5]),
        "distance": "12.3 km",
        "where": "the WeChat mini program",
        "day": "28 September",
        "address": _ADDRESS,
        "id_address": _ADDRESS,
        "other": "the side with the emblem",
    }


def _both() -> dict[str, str]:
    return {
        "name": _NAME,
        "id_number": "119***********0019",
        "number": "119***********0019",
        "phone": "139****1234",
        "who": "",
        "n": "6",
        "digits": "10",
        "count": "17",
        "until": "2038-10-28",
        "version": "2026-11",
    }
