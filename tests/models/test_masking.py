"""What the owner sees of a name, a number, a phone, an address: as the mask table says."""

from __future__ import annotations

import pytest

from models.masking import ALIPAY, OWNER, Item, masks_of


@pytest.mark.parametrize(
    ("item", "plain", "owner", "alipay"),
    [
        ("name", "张三", "张*", "*三"),
        ("name", "陈国强", "陈*强", "**强"),
        ("name", "欧阳小红", "欧**红", "***红"),
        ("name", "王", "*", "*"),
        ("name", "买买提·吐尔逊", "买*逊", "******逊"),
        ("name", "田𠮷", "田*", "*𠮷"),
        ("id_number", "119999199003070019", "119***********0019", "1****************9"),
        ("id_number", "911840198001010013", "91**************13", "9****************3"),
        ("id_number", "USA110081010109", "US***********09", "U*************9"),
        ("phone", "13900001234", "139****1234", "139******34"),
        ("address", "云州市城东区和平路18号", "云州市城东区和平路***", "***"),
        ("address", "幸福里小区3栋", "幸福里***", "***"),
        ("address", "3栋201", "***", "***"),
        ("bank_card", "6222020000001234", "************1234", "************1234"),
    ],
)
def test_each_item_is_masked_by_its_channels_table(
    item: Item, plain: str, owner: str, alipay: str
) -> None:
    assert (OWNER[item](plain), ALIPAY[item](plain)) == (owner, alipay)


@pytest.mark.parametrize("table", [OWNER, ALIPAY])
@pytest.mark.parametrize("item", list(OWNER))
def test_the_shortest_values_give_nothing_away_and_no_error(
    table: dict[Item, object], item: Item
) -> None:
    mask = OWNER[item] if table is OWNER else ALIPAY[item]
    assert mask("") in ("", "***")
    if item in ("id_number", "phone", "bank_card"):
        assert set(mask("12")) == {"*"}


def test_a_channel_without_a_table_uses_the_owners() -> None:
    assert masks_of("wechat") is OWNER
    assert masks_of("alipay") is ALIPAY
