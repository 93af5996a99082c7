"""`Sessions`: the keys of one person, the sealing of their values, and the four scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from importlib import resources
from typing import Any, Protocol

from redis.exceptions import RedisError

from bot.dialogue.messages import AccountKey, Kind, Reply, Update
from bot.sessions.answers import Committed, Done, Full, GaveUp, Head, Letter, Opening, Run, Wait
from models.sealing import Keyring

REPLY_LIFE = timedelta(hours=24)
_OWN_ROAD = (Kind.RESULT, Kind.DRAIN)  # internal: nobody holds a connection open for these

Script = Callable[..., Any]


class RedisClient(Protocol):
    """What we use of redis-py's clients: single server, Sentinel and Cluster have it."""

    def register_script(self, script: str) -> Script: ...


class SessionsAway(Exception):
    """Redis did not answer. What was asked may have been done: ask the same again, or give up."""


class Sessions:
    """Conversation state of every person. All methods raise `SessionsAway`.

    A person's keys share the tag `{channel:app:user}` and so one slot of a cluster; every value is
    sealed for its key. `cap` bounds the updates one person may have waiting; `keep_days` is the
    life of everything but stored replies: the city's draft days and two more.
    """

    def __init__(
        self, redis_client: RedisClient, keyring: Keyring, *, cap: int = 200, keep_days: int = 32
    ) -> None:
        self._keys = keyring
        self._cap = cap
        self._keep = int(timedelta(days=keep_days).total_seconds() * 1000)
        self._life = int(REPLY_LIFE.total_seconds() * 1000)
        self._begin = _script(redis_client, "begin")
        self._commit = _script(redis_client, "commit")
        self._give_up = _script(redis_client, "give_up")
        self._release = _script(redis_client, "release")

    def sealed(self, update: Update) -> bytes:
        """The update as `begin` wants it; sealed once, however often `begin` is asked."""
        return self._keys.seal(update.to_json(), _place(update.account, "b", update.id))

    def begin(
        self,
        update: Update,
        sealed: bytes,
        owner: str,
        *,
        lease_ms: int,
        late: bool = False,
        opening: Opening | None = None,
    ) -> Done | Full | Wait | Run:
        """Queue the update if it is new, and take the lease if it is to be had.

        `late`: the channel has no passive replies, so the answer goes by mail from the start.
        `opening`: what we may send because of it; noted when the update is new.
        """
        account, tag = update.account, _tag(update.account)
        internal = update.kind in _OWN_ROAD
        raw = call_script(
            self._begin,
            [*_person(tag), f"{tag}:r:{update.id}", f"{tag}:f"],
            [
                update.id,
                sealed,
                owner,
                lease_ms,
                0 if internal else self._cap,
                "l" if late or internal else "q",
                self._keep,
                *_opened(opening),
            ],
        )
        match raw[0]:
            case b"done":
                return Done(self._reply(account, update.id, raw[1]), raw[2])
            case b"full":
                return Full(raw[1] == 1)
            case b"wait":
                return Wait(raw[1] == 1)
        _, head, state, body, tries, session, version, mail, again, parked = raw
        opened = self._keys.open(session, tag) if session else b""
        head_id = head.decode()
        head_update = update if head_id == update.id else self._update(account, head_id, body)
        letters = self._letters(account, mail)
        gave_up, mark = state == b"l", parked.decode()
        return Run(Head(head_update, gave_up, tries, opened, version, letters, bool(again), mark))

    def commit(
        self,
        owner: str,
        head: Head,
        session: bytes,
        reply: Reply | None,
        *,
        deferred: bool = False,
        answers: str = "",
        taken: int = 0,
        go_on: bool = False,
        lease_ms: int,
        told: str = "",
    ) -> Committed:
        """End the head's turn. Nothing is stored unless `owner` still holds it.

        `answers`: whom the reply is for, when not the head itself (RESULTs). `taken`: how many
        letters leave the mailbox with the reply. `go_on`: keep the lease if somebody waits.
        `told`: the head's `parked`, when nothing is parked any more.
        """
        account, head_id = head.update.account, head.update.id
        tag, whom = _tag(account), answers or head_id
        answered = f"{tag}:r:{whom}"
        sealed = b"" if deferred else self._sealed_reply(reply, answered)
        raw = call_script(
            self._commit,
            [*_person(tag), f"{tag}:r:{head_id}", answered],
            [
                owner,
                head_id,
                self._keys.seal(session, tag),
                sealed,
                int(deferred),
                whom,
                taken,
                int(go_on),
                lease_ms,
                self._keep,
                self._life,
                told,
            ],
        )
        if raw[0] == b"lost":
            return Committed("lost")
        following = self._following(head, session, raw[3]) if raw[3] else None
        if raw[0] == b"deferred":
            return Committed("deferred", None, raw[2], following)
        ours = whom == head_id and raw[1] == sealed  # then it need not be opened again
        said = reply if ours and sealed else self._reply(account, head_id, raw[1])
        return Committed("done", said, raw[2], following)

    def give_up(self, account: AccountKey, update_id: str) -> Done | GaveUp:
        """Wait no longer: the stored reply if there is one, else the reply shall go by mail."""
        keys = _person(_tag(account))
        raw = call_script(
            self._give_up, [keys[2], _stored(account, update_id), keys[3]], [update_id]
        )
        if raw[0] == b"done":
            return Done(self._reply(account, update_id, raw[1]), raw[2])
        return GaveUp(raw[0].decode())

    def release(self, account: AccountKey, owner: str) -> None:
        """Let go of the lease without an end of the turn; the try is not counted."""
        call_script(self._release, [_tag(account)], [owner])

    def _following(self, before: Head, session: bytes, raw: Sequence[Any]) -> Head:
        account = before.update.account
        update_id, state, body, mail, parked = raw
        update = self._update(account, update_id.decode(), body)
        letters = self._letters(account, mail)
        version, late = before.version + 1, state == b"l"
        return Head(update, late, 1, session, version, letters, parked=parked.decode())

    def _update(self, account: AccountKey, update_id: str, body: bytes) -> Update:
        return Update.from_json(self._keys.open(body, _place(account, "b", update_id)))

    def _sealed_reply(self, reply: Reply | None, key: str) -> bytes:
        return b"" if reply is None else self._keys.seal(reply.to_json(), key)

    def _reply(self, account: AccountKey, update_id: str, blob: bytes) -> Reply | None:
        if not blob:
            return None
        return Reply.from_json(self._keys.open(blob, _stored(account, update_id)))

    def _letters(self, account: AccountKey, mail: Sequence[bytes]) -> list[Letter]:
        letters = []
        for entry in mail:
            answers, _, blob = entry.partition(b"\n")
            reply = self._reply(account, answers.decode(), blob)
            if reply is not None:
                letters.append(Letter(answers.decode(), reply))
        return letters


def person_key(account: AccountKey) -> str:
    """The hash of one person, whose tag all their keys share."""
    return _tag(account)


def _tag(account: AccountKey) -> str:
    return f"{{{account}}}"


def _place(account: AccountKey, part: str, update_id: str) -> str:
    return f"{_tag(account)}:{part}:{update_id}"


def _stored(account: AccountKey, update_id: str) -> str:
    return _place(account, "r", update_id)


def _opened(opening: Opening | None) -> tuple[str, int, str]:
    if opening is None:
        return "", 0, ""
    return opening.act, opening.messages, f"{opening.until * 1000:.0f}"


def _person(tag: str) -> list[str]:
    return [tag, f"{tag}:q", f"{tag}:b", f"{tag}:m"]


def _script(client: RedisClient, name: str) -> Script:
    return client.register_script(
        resources.files(__package__).joinpath(f"{name}.lua").read_text(encoding="utf-8")
    )


def call_script(script: Script, keys: list[str], args: list[Any]) -> Any:
    """Run it. Raises `SessionsAway`."""
    try:
        return script(keys=keys, args=args)
    except RedisError as error:
        raise SessionsAway(type(error).__name__) from None
