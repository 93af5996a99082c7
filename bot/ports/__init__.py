"""What a handler may hold: a `Turn`, and the Protocols of everything outside.

Handlers see this package and `bot.dialogue` of the service, and nothing else of it. It imports
neither Flask nor Redis nor an HTTP client; `bot.app` puts the real things behind it.
"""

from bot.ports.channels import Channel, Filled, Manner, Rung, SendError, SendReason
from bot.ports.offices import (
    CardMakingOffice,
    CardRead,
    Eligibility,
    IdentityOffice,
    OfficeError,
    Offices,
    PortraitOffice,
    Reader,
    SmsOffice,
)
from bot.ports.photos import Photo, PhotoFault
from bot.ports.portraits import PORTRAIT_FAULTS, Look, Measure, Studio
from bot.ports.turn import Budget, Handle, Sources, TooEarly, Transaction, Turn
from bot.ports.work import MUST_ARRIVE, Desk, JobSpec

__all__ = [
    "MUST_ARRIVE",
    "PORTRAIT_FAULTS",
    "Budget",
    "CardMakingOffice",
    "CardRead",
    "Channel",
    "Desk",
    "Eligibility",
    "Filled",
    "Handle",
    "IdentityOffice",
    "JobSpec",
    "Look",
    "Manner",
    "Measure",
    "OfficeError",
    "Offices",
    "Photo",
    "PhotoFault",
    "PortraitOffice",
    "Reader",
    "Rung",
    "SendError",
    "SendReason",
    "SmsOffice",
    "Sources",
    "Studio",
    "TooEarly",
    "Transaction",
    "Turn",
]
