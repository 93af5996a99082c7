"""What of WeChat's refusals only an operator can end."""

from __future__ import annotations

from prometheus_client import Counter

from bot.channels.circuit import OPEN_SECONDS, SILENT_SECONDS, Judgement, OperatorCircuit
from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.remedies import remedy

__all__ = ["ALARMS", "OPEN_SECONDS", "SILENT_SECONDS", "Circuit"]

ALARMS = Counter(
    "shebaoka_wechat_alarms_total", "Calls refused until an operator acts, by code", ["code"]
)


class Circuit(OperatorCircuit[PlatformError]):
    """Of one account in one process."""

    platform, counter = "wechat", ALARMS

    def judge(self, fault: PlatformError) -> Judgement:
        """App id, secret and IP list concern every call; a right that is missing, or an address
        that is not there, concerns this one."""
        return Judgement(
            stops=fault.kind is Kind.CONFIGURATION and fault.code is not None,
            alarms=fault.kind in (Kind.CONFIGURATION, Kind.ACCOUNT),
            code=str(fault.code or fault.detail),
            detail=fault.detail,
            remedy=remedy(fault),
        )

    def again(self, fault: PlatformError) -> PlatformError:
        """The same, known not to have been carried out."""
        return fault.harmless()
