"""The gateway's codes and sub_codes, and what its answers say of them.

Source: opendocs.alipay.com, 公共错误码, and the pages of the single methods. What no page names
(who does not follow, who never subscribed) has a sub_code of ours, marked below.
"""

from __future__ import annotations

MSG = {
    "10000": "Success",
    "20000": "Service Currently Unavailable",
    "20001": "Insufficient Token Permissions",
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40003": "Insufficient Conditions",
    "40004": "Business Failed",
    "40005": "Call Limited",
    "40006": "Insufficient Permissions",
}
USUAL = {
    "20000": "isp.unknow-error",
    "20001": "aop.invalid-auth-token",
    "40001": "isv.missing-method",
    "40002": "isv.invalid-parameter",
    "40003": "isv.invalid-app-state",
    "40004": "SYSTEM_ERROR",
    "40005": "isv.app-call-limited",
    "40006": "isv.insufficient-isv-permissions",
}
"""The sub_code of a code that a script names alone."""

SUB_MSG = {
    "isp.unknow-error": "系统繁忙",
    "aop.invalid-auth-token": "无效的访问令牌",
    "aop.auth-token-time-out": "访问令牌已过期",
    "isv.missing-method": "缺少方法名参数",
    "isv.missing-signature": "缺少签名参数",
    "isv.missing-signature-type": "缺少签名类型参数",
    "isv.missing-app-id": "缺少appId参数",
    "isv.missing-timestamp": "缺少时间戳参数",
    "isv.missing-version": "缺少版本参数",
    "isv.missing-encrypt-key": "未配置加密密钥",
    "isv.missing-app-cert-sn": "缺少应用公钥证书序列号",
    "isv.missing-alipay-root-cert-sn": "缺少支付宝根证书序列号",
    "isv.invalid-signature": "验签出错，请确认charset参数放在了URL查询字符串中",
    "isv.invalid-app-id": "无效的AppID参数",
    "isv.invalid-timestamp": "非法的时间戳参数",
    "isv.invalid-charset": "字符集错误",
    "isv.invalid-format": "无效的数据格式",
    "isv.invalid-method": "不存在的方法名",
    "isv.invalid-signature-type": "无效的签名类型",
    "isv.invalid-encrypt-type": "无效的加密类型",
    "isv.invalid-encrypt": "解密异常",
    "isv.invalid-version": "版本错误",
    "isv.invalid-parameter": "参数无效",
    "isv.illegal-json": "JSON格式错误",
    "isv.suspected-attack": "参数疑似攻击",
    "isv.app-cert-not-exist": "应用公钥证书不存在",
    "isv.code-invalid": "授权码code无效",
    "isv.grant-type-invalid": "授权类型grant_type无效",
    "isv.refresh-token-invalid": "刷新令牌无效",
    "isv.refresh-token-time-out": "刷新令牌已过期",
    "isv.app-call-limited": "应用调用次数超限",
    "isv.method-call-limited": "API调用次数超限",
    "isv.insufficient-isv-permissions": "ISV权限不足",
    "PUB.MSG_SD_OVER_TIME": "已超过可以发送消息的时间",
    "PUB.MSG_BATCH_SD_OVER": "发送消息次数超过限制",
    "PUB.USER_NOT_FOLLOW": "用户未关注该生活号",  # the name is ours
    "MSG_TEMPLATE_NOT_EXIST": "消息模板不存在",
    "FORM_ID_OVER_TIME": "表单ID已过期",
    "FORM_ID_NOT_MATCH_APPID": "表单ID与应用不匹配",
    "USER_TEMPLATE_ILLEGAL": "模板不合法",
    "USER_TEMPLATE_LACK_KEYWORD": "模板缺少关键词",
    "USER_KEYWORD_LENGTH_ERROR": "关键词长度超过限制",
    "USER_NOT_SUBSCRIBE": "用户未订阅该模板",  # the name is ours
    "MENU_ALREADY_EXIST": "菜单已存在",  # the name is ours; legacy 11013
    "MENU_NOT_EXIST": "菜单不存在",  # the name is ours
    "CERTIFY_ID_EXPIRED": "认证已过期",
    "INVALID_MEDIA_ID": "媒体文件不存在",  # the name is ours
    "SYSTEM_ERROR": "系统错误",
}


class Refusal(Exception):
    """A call that is refused. `detail` stands in the place of the usual sub_msg."""

    def __init__(self, code: str, sub_code: str, detail: str = "") -> None:
        super().__init__(f"{code} {sub_code}")
        self.code, self.sub_code, self.detail = code, sub_code, detail

    @property
    def node(self) -> dict[str, str]:
        """What stands in the answer."""
        return {
            "code": self.code,
            "msg": MSG.get(self.code, "Business Failed"),
            "sub_code": self.sub_code,
            "sub_msg": self.detail or SUB_MSG.get(self.sub_code, self.sub_code),
        }


def missing(name: str) -> Refusal:
    """A parameter of the platform's that is not there."""
    return Refusal("40001", f"isv.missing-{name}")


def invalid(name: str = "parameter", detail: str = "") -> Refusal:
    """A parameter that is there and cannot be used."""
    return Refusal("40002", f"isv.invalid-{name}", detail)


def business(sub_code: str, detail: str = "") -> Refusal:
    """A call that was understood and cannot be carried out."""
    return Refusal("40004", sub_code, detail)


def asked_for(error: object) -> Refusal | None:
    """The refusal that a script asks for: a code, or a code and a sub_code with a blank between."""
    code, _, sub_code = str(error).partition(" ")
    if isinstance(error, bool) or code not in MSG or code == "10000":
        return None
    return Refusal(code, sub_code or USUAL[code])
