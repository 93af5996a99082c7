"""A permission is withdrawn, or the account closed: what must go, goes at once."""

from __future__ import annotations

from datetime import timedelta

from bot.dialogue.messages import Kind
from models.access_tokens import account_of_token, issue_token
from models.audit import AuditEvent
from models.consents import Consent
from models.documents import Document
from models.drafts import DraftRow
from models.notices import add_chat
from models.people import Account, bind, holders_of
from models.subscriptions import add_credits
from models.tickets import Ticket
from tests.handlers.chat import Chat
from tests.models.making import KEYS, make_person, new_id


def withdraw(chat: Chat, what: str = "revoke", scopes: tuple[str, ...] = ("8", "14")) -> None:
    assert chat.sends(Kind.REVOKED, data={"what": what, "scopes": list(scopes)}) == ""
    assert chat.last is None


def account(chat: Chat) -> Account:
    (found,) = chat.rows(Account, Account.user == chat.account.user)
    assert isinstance(found, Account)
    return found


def test_what_was_half_filled_is_given_up_with_its_photos(chat: Chat) -> None:
    chat.to_read_back()
    draft = chat.draft.id
    withdraw(chat)
    assert chat.session.drafts == {}
    assert chat.session.talk == ""
    (row,) = chat.rows(DraftRow, DraftRow.id == draft)
    assert row.ended_how == "cancelled"
    documents = chat.rows(Document, Document.draft_id == draft)
    assert all(document.expires_at <= chat.now for document in documents)
    assert "没有办到一半的申请" in chat.says("继续")


def test_what_only_the_records_know_of_goes_too(chat: Chat) -> None:
    chat.says("办卡", "同意")
    draft = chat.draft.id
    chat.session.drafts.clear()
    withdraw(chat)
    (row,) = chat.rows(DraftRow, DraftRow.id == draft)
    assert row.ended_how == "cancelled"


def test_nothing_typed_is_remembered_but_the_language(chat: Chat) -> None:
    chat.says("English", "apply")
    chat.session.notes["human"] = {"text": "call me"}
    withdraw(chat)
    assert "human" not in chat.session.notes
    assert chat.session.locale == "en"


def bound(chat: Chat) -> None:
    with chat.database.writing() as records:
        bind(records, str(chat.account), make_person(records).id, chat.now)
        add_credits(records, str(chat.account), {"t1": 1}, chat.now)


def test_a_withdrawn_permission_leaves_the_account_bound(chat: Chat) -> None:
    bound(chat)
    withdraw(chat)
    assert account(chat).person_id is not None
    assert account(chat).subscription_credits == {}


def test_a_closed_account_is_nobodys_any_more(chat: Chat) -> None:
    chat.to_read_back()
    chat.says("确认")
    bound(chat)
    withdraw(chat, "cancellation", ())
    found = account(chat)
    assert (found.person_id, found.subscription_credits) == (None, {})
    with chat.database.reading() as records:
        assert holders_of(records, str(chat.account)) == []
    assert chat.rows(Consent), "what the law wants kept is kept"


def test_nothing_more_is_sent_to_a_closed_account(chat: Chat) -> None:
    with chat.database.writing() as records:
        for state in ("queued", "parked"):
            add_chat(
                records, KEYS, account=str(chat.account), payload={"text": "x"}, now=chat.now,
                notice_id=new_id(), state=state,
            )  # fmt: skip
    withdraw(chat, "cancellation", ())
    assert chat.notices() == []


def test_staff_are_asked_about_what_was_handed_in(chat: Chat) -> None:
    chat.to_read_back()
    number = chat.says("确认").split("受理号 ")[1].split("。")[0]
    withdraw(chat)
    (ticket,) = chat.rows(Ticket)
    assert ticket.kind == "deletion"
    assert ticket.open_payload(KEYS) == {
        "what": "revoke",
        "scopes": ["8", "14"],
        "applications": [number],
    }


def test_it_is_audited_by_the_accounts_id_alone(chat: Chat) -> None:
    withdraw(chat, "cancellation", ())
    (event,) = chat.rows(AuditEvent)
    assert event.subject == f"account:{account(chat).id}"
    assert (event.act, event.reason) == ("authorization_revoked", "user_authorization_cancellation")
    assert event.detail == {"scopes": []}


def test_no_token_speaks_for_the_account_any_longer(chat: Chat) -> None:
    with chat.database.writing() as records:
        token = issue_token(
            records, account=str(chat.account), use="api", now=chat.now, life=timedelta(days=30)
        )
    withdraw(chat)
    with chat.database.reading() as records:
        assert account_of_token(records, token, "api", chat.now) is None
