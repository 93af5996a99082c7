"""What of Alipay's refusals only an operator can end."""

from __future__ import annotations

from prometheus_client import Counter

from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.remedies import remedy
from bot.channels.circuit import Judgement, OperatorCircuit

ALARMS = Counter(
    "shebaoka_alipay_alarms_total", "Calls refused until an operator acts, by code", ["code"]
)
_ALARMS = (Kind.CONFIGURATION, Kind.RIGHTS, Kind.APP_TOKEN, Kind.CLOCK, Kind.UNTRUSTED)


class Circuit(OperatorCircuit[GatewayError]):
    """Of one application in one process."""

    platform, counter = "alipay", ALARMS

    def judge(self, fault: GatewayError) -> Judgement:
        """App id, keys, certificates and the console's state concern every call; a product that
        is not opened concerns this one. What is missing of a request (40001) is our own fault."""
        return Judgement(
            stops=fault.kind is Kind.CONFIGURATION and bool(fault.code),
            alarms=fault.kind in _ALARMS or fault.code == "40001",
            code=fault.sub_code or fault.code or fault.detail,
            detail=fault.detail,
            remedy=remedy(fault),
        )

    def again(self, fault: GatewayError) -> GatewayError:
        """The same, known not to have been carried out."""
        return fault.harmless()
