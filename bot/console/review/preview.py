"""What the person's phone will show, before it is sent: the same words, by the same function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy.orm import Session as Records

from bot.console.desk import Console
from bot.console.review.findings import Outcome
from config.locales import SOURCE
from config.reasons import Reason
from models.applications import Application, open_answers
from models.corrections import Wording
from models.masking import masks_of
from models.people import find_account
from models.progress import tail
from models.returns import Finding


def told_of(
    console: Console,
    records: Records,
    reasons: Mapping[str, Reason],
    application: Application,
    outcome: Outcome,
    findings: Sequence[Finding],
) -> str:
    """The message in the person's language; "" while nothing is chosen."""
    if not findings:
        return ""
    account = find_account(records, application.account_key)
    locale, today = (account.locale if account else SOURCE), console.now().date()
    wording = Wording(console.texts, locale, today, reasons)
    if outcome == "refuse":
        return "\n".join(wording.refusal([finding.code for finding in findings], today))
    channel = application.account_key.partition(":")[0]
    name = str(open_answers(application, console.keys).get("name", ""))
    return wording.correction(
        findings,
        found_on=today,
        correct_by=today + timedelta(days=console.city.days.correction),
        tail=tail(application.number),
        name=masks_of(channel)["name"](name),
    ).text
