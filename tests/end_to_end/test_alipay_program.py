"""A mini program at Alipay that is an app of its own, with keys of its own."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.program import Front, new_key
from tests.rig import running

ME = "2088000000000042"


def test_its_visitors_log_in_and_withdraw_by_its_own_keys(tmp_path: Path, redis_url: str) -> None:
    with running(tmp_path, redis_url, alipay=True, alipay_mini=True) as bot:
        api = f"{bot.simulator.url}/simulator/api"

        def code(app: str) -> str:
            answer = bot.http.post(f"{api}/{app}/users/{ME}/auth_code", json={}, timeout=10)
            return str(answer.json()["code"])

        front = Front(bot.site)
        foreign = {"auth_code": code("alipay")}
        refused = front.call("POST", "/sessions/alipay", json=foreign, key=new_key())
        assert refused.status_code == 403, refused.text
        front.log_in(code("alipay_mini"), "alipay")
        assert front.get("/me")["channel"] == "mini_alipay"
        told = bot.http.post(f"{api}/alipay_mini/users/{ME}/revoke", json={}, timeout=10)
        assert told.json()["taken"]
        assert front.call("GET", "/me").status_code == 401
