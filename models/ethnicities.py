"""The peoples of GB/T 3304 with their codes, Chinese and English names."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_TABLE = """
01 汉 Han|02 蒙古 Mongol|03 回 Hui|04 藏 Tibetan|05 维吾尔 Uyghur|06 苗 Miao|07 彝 Yi
08 壮 Zhuang|09 布依 Buyei|10 朝鲜 Korean|11 满 Manchu|12 侗 Dong|13 瑶 Yao|14 白 Bai
15 土家 Tujia|16 哈尼 Hani|17 哈萨克 Kazakh|18 傣 Dai|19 黎 Li|20 傈僳 Lisu|21 佤 Va|22 畲 She
23 高山 Gaoshan|24 拉祜 Lahu|25 水 Sui|26 东乡 Dongxiang|27 纳西 Naxi|28 景颇 Jingpo
29 柯尔克孜 Kirgiz|30 土 Tu|31 达斡尔 Daur|32 仫佬 Mulao|33 羌 Qiang|34 布朗 Blang|35 撒拉 Salar
36 毛南 Maonan|37 仡佬 Gelao|38 锡伯 Xibe|39 阿昌 Achang|40 普米 Pumi|41 塔吉克 Tajik|42 怒 Nu
43 乌孜别克 Uzbek|44 俄罗斯 Russian|45 鄂温克 Ewenki|46 德昂 Deang|47 保安 Bonan|48 裕固 Yugur
49 京 Gin|50 塔塔尔 Tatar|51 独龙 Derung|52 鄂伦春 Oroqen|53 赫哲 Hezhen|54 门巴 Monba
55 珞巴 Lhoba|56 基诺 Jino|97 其他 Other|98 外国血统中国籍人士 Foreign descent, Chinese national
"""
_OTHER_WORDS = {
    "漢": "01", "蒙": "02", "维": "05", "維吾爾": "05", "鮮": "10", "朝鮮": "10", "滿": "11",
    "彞": "07", "壯": "08", "東鄉": "26", "納西": "27", "達斡爾": "31", "錫伯": "38",
    "外国血统": "98", "穿青人": "97", "其它": "97", "未识别": "97",
    "mongolian": "02", "uighur": "05", "uygur": "05", "kyrgyz": "29", "other": "97",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ethnicity:
    """One people: its code, its name as ID cards print it (without 族), its English name."""

    code: str
    name: str
    name_en: str

    @property
    def full_name(self) -> str:
        """With 族, as it is spoken of; 97 and 98 are no peoples and stay as they are."""
        return self.name if self.code in ("97", "98") else f"{self.name}族"


def _read_table() -> dict[str, Ethnicity]:
    entries = (entry.split(" ", 2) for line in _TABLE.split("\n") for entry in line.split("|"))
    return {entry[0]: Ethnicity(*entry) for entry in entries if len(entry) == 3}


ETHNICITIES = _read_table()
_BY_WORD = {
    **{e.name: e.code for e in ETHNICITIES.values()},
    **{e.name_en.lower(): e.code for e in ETHNICITIES.values()},
    **_OTHER_WORDS,
}


def find_ethnicity(text: str) -> str | None:
    """The code of the people named, with or without 族, in Chinese or English; else None."""
    word = unicodedata.normalize("NFKC", text).strip().lower().rstrip("。.，,")
    if not word.isascii():
        word = "".join(word.split())
    for candidate in (word, word.removeprefix("我是").strip()):
        short = candidate.removesuffix("族").removesuffix("民").strip()
        for known in (candidate, short, candidate.removesuffix("族人")):
            if known in _BY_WORD:
                return _BY_WORD[known]
    return word if word in ETHNICITIES else None
