"""Every question of the card form: how it is reached, known again, and answered wrongly."""

from __future__ import annotations

from dataclasses import dataclass

from tests.end_to_end.walks import Said, texts, typed, with_photos


@dataclass(frozen=True)
class Question:
    """`asks` are words that stand in the question whenever it is asked (not when a wrong answer is
    explained); `wrong` is an answer that cannot be one, `explained` what is said to it."""

    name: str
    step: str  # of the walk
    asks: str
    wrong: str
    explained: str
    by_typing: bool = False
    further: tuple[str, ...] = ()  # said after the walk's prefix, to a question inside the step
    takes_place: bool = False
    answered: bool = True  # whether 上一步 has a question before it whose answer can be kept

    def prefix(self, phone: str) -> list[Said]:
        said = typed(phone=phone) if self.by_typing else with_photos(phone)
        before = said[: [message.step for message in said].index(self.step)]
        return [*before, *texts(self.step, *self.further)]


QUESTIONS = [
    Question("notice", "notice", "请回复“同意”", "紫色的", "没太明白", answered=False),
    Question("id", "id", "请发身份证人像面的照片", "紫色的", "没太明白"),
    Question("id_back", "id_back", "请再发国徽面的照片", "紫色的", "没太明白"),
    Question("id_read", "id_read", "2 有不对的", "紫色的", "没太明白"),
    Question("which_line", "id_read", "哪一行不对", "紫色的", "没太明白", further=("2",)),
    Question(
        "typing_number", "id_read", "请照身份证打一遍18位身份证号",
        "11999919900307001", "17位", further=("2", "3"),
    ),
    Question(
        "name_number", "name_number", "请发姓名和身份证号",
        "陈国强 119999199003070018", "校验不通过", by_typing=True,
    ),
    Question("ethnicity", "ethnicity", "请发身份证上的民族", "紫色的", "没找到这个民族",
             by_typing=True),
    Question("valid_until", "valid_until", "有效期的最后一天", "紫色的", "没", by_typing=True),
    Question("phone", "phone", "请发您的手机号", "1390000123", "10位"),
    Question("code", "code", "验证码已发到", "48291", "5位"),
    Question("lives_at", "lives_at", "住的地方", "紫色的", "没太明白", takes_place=True),
    Question(
        "district", "lives_at", "在哪个区", "紫色的", "没太明白",
        further=("幸福路88号3栋",), takes_place=True,
    ),
    Question("work", "work", "5 学生", "8", "没太明白"),
    Question("employer", "work", "请发单位名称", "x", "2到60个字", further=("1",)),
    Question("branch", "branch", "5 邮寄到家", "8", "没太明白", takes_place=True),
    Question("bank_by_name", "branch", "请打银行或网点的名字", "火星银行", "没找到",
             further=("4",), takes_place=True),
    Question("bank_for_post", "branch", "请选制卡的银行", "8", "没太明白", further=("5",)),
    Question("portrait", "portrait", "请发一张近照", "紫色的", "没太明白"),
    Question("check", "check", "都对，请回复“确认”提交", "紫色的", "没太明白"),
]  # fmt: skip
