"""What one message can hold."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.replies import LIMIT, cut, fit, shown
from bot.dialogue.messages import Link, Option, Picture, Reply

_SITE = "https://card.example/"
_FOOTER = "0 返回 · 9 人工"


def _bytes(reply: Reply | None) -> int:
    assert reply is not None
    return len(shown(reply, _SITE).encode())


def test_a_reply_alone_is_left_as_it_is() -> None:
    reply = Reply("请发手机号。", picture=Picture("doc-1"), footer=_FOOTER)
    assert fit(reply, [], _SITE) == (reply, 0)


def test_nothing_stays_nothing() -> None:
    assert fit(None, [], _SITE) == (None, 0)


def test_mail_comes_first_and_one_footer_is_enough() -> None:
    mail = [
        Reply("读好了。", footer=_FOOTER),
        Reply("卡做好了。", links=(Link("p/1", "看看"),), footer=_FOOTER),
    ]
    reply = Reply("请发手机号。", (Option("1", "跳过"),), footer=_FOOTER)
    joined, taken = fit(reply, mail, _SITE)
    assert taken == 2
    assert joined is not None
    assert shown(joined, _SITE) == (
        "读好了。\n\n"
        '卡做好了。\n<a href="https://card.example/p/1">看看</a>\n\n'
        f"请发手机号。\n1 跳过\n{_FOOTER}"
    )
    assert joined.options == reply.options, "the choices stay choices"


def test_mail_alone_keeps_the_choices_of_its_last() -> None:
    mail = [Reply("一", footer=_FOOTER), Reply("二", (Option("1", "好"),), footer=_FOOTER)]
    joined, taken = fit(None, mail, _SITE)
    assert taken == 2
    assert joined is not None
    assert shown(joined, _SITE) == f"一\n\n二\n1 好\n{_FOOTER}"


def test_what_does_not_fit_waits() -> None:
    mail = [Reply("长" * 300), Reply("长" * 400), Reply("短")]
    joined, taken = fit(Reply("问"), mail, _SITE)
    assert taken == 1, "in order: the short one does not overtake"
    assert _bytes(joined) <= LIMIT
    assert fit(Reply("长" * 400), mail, _SITE)[1] == 0


def test_a_piece_of_mail_too_long_by_itself_is_taken_all_the_same() -> None:
    joined, taken = fit(None, [Reply("长" * 2000, footer=_FOOTER), Reply("短")], _SITE)
    assert taken == 1
    assert _bytes(joined) <= LIMIT


def test_a_reply_too_long_keeps_its_choices_and_its_footer() -> None:
    reply = Reply("长" * 2000, (Option("1", "都对"), Option("2", "有不对的")), footer=_FOOTER)
    joined, _ = fit(reply, [], _SITE)
    assert joined is not None
    assert LIMIT - 3 <= _bytes(joined) <= LIMIT
    assert shown(joined, _SITE).endswith(f"…\n1 都对\n2 有不对的\n{_FOOTER}")


def test_a_link_whose_label_is_cut_off_still_leaves_room_for_the_footer() -> None:
    """On a line of its own it is longer than where its label stood."""
    text = "好" * 690 + "见这份告知书" + "好" * 40
    reply = Reply(text, footer=_FOOTER, links=(Link("/privacy", "见这份告知书"),))
    joined, _ = fit(reply, [], _SITE)
    assert _bytes(joined) <= LIMIT
    assert joined is not None
    assert shown(joined, _SITE).endswith(f">见这份告知书</a>\n{_FOOTER}")


def test_the_bound_is_met_to_the_byte() -> None:
    assert fit(Reply("x" * (LIMIT - 4)), [Reply("y" * 2)], _SITE)[1] == 1
    assert fit(Reply("x" * (LIMIT - 4)), [Reply("y" * 3)], _SITE)[1] == 0


def test_a_link_is_one_that_can_be_clicked_and_nothing_else() -> None:
    reply = Reply("", links=(Link('/p?a="><b>', "看"), Link("https://other.example/x", "别处")))
    assert shown(reply, _SITE) == (
        '<a href="https://card.example/p?a=%22%3E%3Cb%3E">看</a>\n'
        '<a href="https://other.example/x">别处</a>'
    )


# --- options that can be clicked -----------------------------------------------------------------


def _asked(*labels: str, text: str = "选哪个？", mark: str = "0123456789") -> Reply:
    options = tuple(Option(str(n), label) for n, label in enumerate(labels, 1))
    return Reply(text, options, footer=_FOOTER, mark=mark)


def _clicks(text: str) -> list[tuple[str, str, str]]:
    """What a click on each line sends: content, id; and what is read there."""
    found = re.findall(r'<a href="weixin://bizmsgmenu\?([^"]*)">([^<]*)</a>', text)
    asked = [(dict(parse_qsl(query)), words) for query, words in found]
    return [(each["msgmenucontent"], each["msgmenuid"], words) for each, words in asked]


def test_an_option_is_a_link_that_sends_its_words_and_its_number_stays_to_be_typed() -> None:
    text = shown(_asked("办卡", "领卡、激活（到网点）", "a&b=c %41"), _SITE, clickable=True)
    assert _clicks(text) == [
        ("办卡", "0123456789-1", "1 办卡"),
        ("领卡、激活", "0123456789-2", "2 领卡、激活（到网点）"),
        ("a&b=c %41", "0123456789-3", "3 a&b=c %41"),
    ]
    assert text.isprintable() or text.count("\n") == 4
    assert text.endswith(f"\n{_FOOTER}")


def test_options_are_plain_where_the_account_or_the_reply_has_no_clicks() -> None:
    plain = f"选哪个？\n1 办卡\n{_FOOTER}"
    assert shown(_asked("办卡"), _SITE) == plain
    assert shown(_asked("办卡", mark=""), _SITE, clickable=True) == plain


def test_a_label_that_would_break_the_link_is_plain() -> None:
    text = shown(_asked("办卡", '</a><a href="https://evil.example">'), _SITE, clickable=True)
    assert "weixin:" not in text


def test_links_that_do_not_fit_leave_the_numbers() -> None:
    """At the bound to the byte: one more and every option is a plain line again."""
    room = LIMIT - len(shown(_asked("办卡", "查进度", text=""), _SITE, clickable=True).encode()) - 1
    for spare, clicks in ((0, 2), (1, 0)):
        reply = _asked("办卡", "查进度", text="x" * (room + spare))
        assert fit(reply, [], _SITE) == (reply, 0)
        text = shown(reply, _SITE, clickable=True)
        assert len(_clicks(text)) == clicks
        assert len(text.encode()) <= LIMIT


def test_mail_before_a_question_is_never_left_out_for_its_links() -> None:
    mail, reply = [Reply("信" * 400)], _asked("办卡" * 20, "查进度" * 20)
    joined, taken = fit(reply, mail, _SITE)
    assert taken == 1
    assert joined is not None and joined.mark == reply.mark
    assert len(shown(joined, _SITE, clickable=True).encode()) <= LIMIT


def test_only_the_last_question_in_a_message_can_be_clicked() -> None:
    joined, _ = fit(_asked("现在的"), [_asked("以前的", mark="9" * 10)], _SITE)
    assert joined is not None
    assert [words for _, _, words in _clicks(shown(joined, _SITE, clickable=True))] == ["1 现在的"]


@given(st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=5), st.text(max_size=900))
def test_whatever_the_options_say_a_message_with_links_fits(labels: list[str], text: str) -> None:
    joined, _ = fit(_asked(*labels, text=text), [], _SITE)
    assert joined is not None
    linked, plain = shown(joined, _SITE, clickable=True), shown(joined, _SITE)
    assert linked == plain or len(linked.encode()) <= LIMIT


def test_a_cut_never_splits_a_link() -> None:
    text = "前面" + '<a href="https://card.example/very/long">看看</a>' + "后面" * 50
    assert cut(text, 30) == "前面…"
    assert cut(text, 80).startswith('前面<a href="https://card.example/very/long">看看</a>')


@given(st.text(), st.integers(min_value=3, max_value=60))
def test_a_cut_keeps_to_its_limit_and_to_whole_characters(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short.encode()) <= limit
    assert short == text or short.endswith("…")
    assert text.startswith(short.removesuffix("…"))


@given(
    st.one_of(st.none(), st.builds(Reply, st.text(max_size=900))),
    st.lists(st.builds(Reply, st.text(max_size=900)), max_size=6),
)
def test_whatever_waits_one_message_holds_what_fit_says(
    reply: Reply | None, mail: list[Reply]
) -> None:
    joined, taken = fit(reply, mail, _SITE)
    assert 0 <= taken <= len(mail)
    if joined is not None:
        assert _bytes(joined) <= LIMIT
    assert (joined is None) == (reply is None and not mail)
