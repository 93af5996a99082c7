"""What people subscribed to: one accept is one message that may be sent."""

from __future__ import annotations

from bot.simulator.store import Store


class Credits:
    """The subscriptions of one account's users. Templates are of the once-only sort."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, openid: str, template: str) -> None:
        """The person said yes in a pop-up."""
        self._store.write(
            "INSERT INTO credits VALUES(?, ?, 1) "
            "ON CONFLICT(openid, template) DO UPDATE SET count = count + 1",
            openid,
            template,
        )

    def drop(self, openid: str, template: str) -> None:
        """The person wants none of it any more."""
        self._store.write("DELETE FROM credits WHERE openid = ? AND template = ?", openid, template)

    def take(self, openid: str, template: str) -> bool:
        """Use one up; False when there is none."""
        with self._store.lock():
            left = self.of(openid).get(template, 0)
            if left < 1:
                return False
            self._store.write(
                "UPDATE credits SET count = count - 1 WHERE openid = ? AND template = ?",
                openid,
                template,
                seen_by=openid,
            )
            return True

    def of(self, openid: str) -> dict[str, int]:
        """What may still be sent to a person, by template id."""
        rows = self._store.rows(
            "SELECT template, count FROM credits WHERE openid = ? AND count > 0", openid
        )
        return {row["template"]: row["count"] for row in rows}
