"""A push of every kind in the platform's documentation, and what it must be read as."""

from __future__ import annotations

from bot.dialogue.messages import Kind
from tests.bot.channels.wechat.push_rows import Row, event, message
from tests.bot.channels.wechat.pushes import OPENID

TEMPLATE, OTHER_TEMPLATE = "tpl_AAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "tpl_BBBBBBBBBBBBBBBBBBBBBBBBBBBBB"


def _status(template: str, status: str) -> dict[str, str]:
    return {"TemplateId": template, "SubscribeStatusString": status, "PopupScene": "1"}


def _outcome(number: str, code: str, status: str) -> dict[str, str]:
    return {"TemplateId": TEMPLATE, "MsgID": number, "ErrorCode": code, "ErrorStatus": status}


MESSAGES = [
    Row(**message("text", Content="我要办卡"), kind=Kind.TEXT, reads={"text": "我要办卡"}),
    Row(
        **message("text", "text of a msgmenu click", Content="都对", bizmsgmenuid="101"),
        kind=Kind.TEXT,
        reads={"text": "都对", "key": "101"},
    ),
    Row(
        **message("text", "text from an article", Content="你好", MsgDataId="9", Idx="1"),
        kind=Kind.TEXT,
        reads={"text": "你好"},
    ),
    Row(**message("image", PicUrl="http://mmbiz.example/p", MediaId="m-1"), kind=Kind.IMAGE),
    Row(
        **message("voice", MediaId="m-1", Format="amr", Recognition="我要办卡。", MediaId16K="m-2"),
        kind=Kind.VOICE,
        reads={"text": "我要办卡。"},
    ),
    Row(**message("video", MediaId="m-1", ThumbMediaId="t-1"), kind=Kind.VIDEO),
    Row(**message("shortvideo", MediaId="m-1", ThumbMediaId="t-1"), kind=Kind.VIDEO),
    Row(
        **message("location", Location_X="32.05", Location_Y="123.12", Scale="20", Label="路18号"),
        kind=Kind.LOCATION,
    ),
    Row(**message("link", Title="t", Description="d", Url="http://x.example"), kind=Kind.LINK),
    Row(
        **message(
            "miniprogrampage",
            Title="t",
            AppId="wx1",
            PagePath="p/i",
            ThumbUrl="u",
            ThumbMediaId="m",
        ),
        kind=Kind.OTHER,
        name="miniprogrampage",
    ),
    Row(**message("file", Title="t", FileKey="k"), kind=Kind.OTHER, name="file"),
    Row(**message("wxcard", CardId="c"), kind=Kind.OTHER, name="wxcard"),
    Row(**message("music", Title="t"), kind=Kind.OTHER, name="music"),
    Row(**message("hardware", Content="x"), kind=Kind.OTHER, name="hardware"),
    Row(**message("device_text", DeviceID="1", Content="eA=="), name="device_text"),
    Row(**message("device_event", DeviceID="1"), name="device_event"),
    Row(**message("brand_new", "anything else", Thing="x"), kind=Kind.OTHER, name="other"),
]

EVENTS = [
    Row(**event("subscribe", EventKey=""), kind=Kind.SUBSCRIBE),
    Row(
        **event("subscribe", "subscribe with a scene", EventKey="qrscene_apply", Ticket="t"),
        kind=Kind.SUBSCRIBE,
        reads={"key": "apply"},
    ),
    Row(
        **event("subscribe", "subscribe after a payment", EventKey="last_trade_no_4200001"),
        kind=Kind.SUBSCRIBE,
        reads={"key": ""},
    ),
    Row(**event("unsubscribe", EventKey=""), kind=Kind.UNSUBSCRIBE),
    Row(
        **event("SCAN", EventKey="branch-CCB-01", Ticket="t"),
        kind=Kind.SCAN,
        reads={"key": "branch-CCB-01"},
    ),
    Row(**event("LOCATION", Latitude="23.1", Longitude="113.3", Precision="1"), name="location"),
    Row(**event("CLICK", EventKey="progress"), kind=Kind.CLICK, reads={"key": "progress"}),
    Row(**event("VIEW", EventKey="https://card.example/", MenuId="1"), name="view"),
    Row(**event("view_miniprogram", EventKey="pages/i", MenuId="1"), name="view_miniprogram"),
    Row(
        **event(
            "scancode_push",
            EventKey="scan",
            ScanCodeInfo={"ScanType": "qrcode", "ScanResult": "https://x.example"},
        ),
        name="scancode_push",
    ),
    Row(
        **event(
            "scancode_waitmsg",
            EventKey="apply",
            ScanCodeInfo={"ScanType": "qrcode", "ScanResult": "branch-CCB-01"},
        ),
        kind=Kind.CLICK,
        reads={"key": "apply", "text": "branch-CCB-01"},
    ),
    *(
        Row(
            **event(
                name,
                EventKey="photo",
                SendPicsInfo={
                    "Count": "2",
                    "PicList": {"item": [{"PicMd5Sum": "a"}, {"PicMd5Sum": "b"}]},
                },
            ),
            name=name,
        )
        for name in ("pic_sysphoto", "pic_photo_or_album", "pic_weixin")
    ),
    Row(
        **event(
            "location_select",
            EventKey="place",
            SendLocationInfo={
                "Location_X": "23",
                "Location_Y": "113",
                "Scale": "15",
                "Label": "路",
                "Poiname": "",
            },
        ),
        name="location_select",
    ),
    *(
        Row(
            **event(
                "TEMPLATESENDJOBFINISH",
                f"TEMPLATESENDJOBFINISH {status}",
                MsgID="200163836",
                Status=status,
            ),
            kind=Kind.DELIVERY,
            reads={"key": "200163836", "data": {"result": result, "code": status}},
        )
        for status, result in (
            ("success", "delivered"),
            ("failed:user block", "blocked"),
            ("failed: system failed", "failed"),
            ("failed:freq limit", "limited"),
        )
    ),
    Row(
        **event(
            "subscribe_msg_popup_event",
            SubscribeMsgPopupEvent={
                "List": [_status(TEMPLATE, "accept"), _status(OTHER_TEMPLATE, "reject")]
            },
        ),
        kind=Kind.CREDITS,
        reads={"data": {"accepted": {TEMPLATE: 1}, "refused": [OTHER_TEMPLATE]}},
    ),
    Row(
        **event(
            "subscribe_msg_popup_event",
            "subscribe_msg_popup_event as an object",
            List=_status(TEMPLATE, "accept"),
        ),
        kind=Kind.CREDITS,
        reads={"data": {"accepted": {TEMPLATE: 1}, "refused": []}},
    ),
    Row(
        **event(
            "subscribe_msg_popup_event",
            "subscribe_msg_popup_event as an array",
            List=[_status(TEMPLATE, "accept"), _status(TEMPLATE, "accept")],
        ),
        json_only=True,
        kind=Kind.CREDITS,
        reads={"data": {"accepted": {TEMPLATE: 2}, "refused": []}},
    ),
    *(
        Row(
            **event(
                "subscribe_msg_change_event",
                f"subscribe_msg_change_event in {wrapper}",
                **{wrapper: {"List": _status(TEMPLATE, "reject")}},
            ),
            kind=Kind.CREDITS,
            reads={"data": {"accepted": {}, "refused": [TEMPLATE]}},
        )
        for wrapper in ("SubscribeMsgChangeEvent", "SubscribeMsgPopupEvent")
    ),
    Row(
        **event(
            "subscribe_msg_sent_event",
            SubscribeMsgSentEvent={"List": _outcome("1700827132819554304", "0", "success")},
        ),
        kind=Kind.DELIVERY,
        reads={
            "key": "1700827132819554304",
            "data": {"result": "delivered", "code": "0 success"},
        },
    ),
    Row(
        **event(
            "subscribe_msg_sent_event",
            "subscribe_msg_sent_event of several",
            List=[_outcome("11", "0", "success"), _outcome("12", "43101", "user refuse")],
        ),
        json_only=True,
        kind=Kind.DELIVERY,
        reads={
            "key": "11",
            "data": {
                "result": "delivered",
                "code": "0 success",
                "others": [["12", "blocked", "43101 user refuse"]],
            },
        },
    ),
    Row(
        **event("user_enter_tempsession", SessionFrom="progress"),
        kind=Kind.ENTER,
        reads={"key": "progress"},
    ),
    *(
        Row(
            **event(
                "wxa_media_check",
                f"wxa_media_check v1 {verdict}",
                isrisky=risky,
                extra_info_json="",
                appid="wx1",
                trace_id="trace-1",
                status_code=status,
            ),
            kind=Kind.CHECKED,
            reads={"key": "trace-1", "data": {"verdict": verdict}},
        )
        for risky, status, verdict in (
            ("0", "0", "pass"),
            ("1", "0", "risky"),
            ("0", "4294966288", "failed"),
        )
    ),
    *(
        Row(
            **event(
                "wxa_media_check",
                f"wxa_media_check v2 {suggest} {errcode}",
                version="2",
                appid="wx1",
                trace_id="trace-2",
                result={"suggest": suggest, "label": "100"},
                detail=[
                    {"strategy": "content_model", "errcode": "0", "suggest": "pass", "prob": "90"},
                    {"strategy": "keyword", "errcode": "0", "suggest": "pass", "level": "20"},
                ],
                errcode=errcode,
                errmsg="ok",
            ),
            kind=Kind.CHECKED,
            reads={"key": "trace-2", "data": {"verdict": verdict}},
        )
        for suggest, errcode, verdict in (
            ("pass", "0", "pass"),
            ("review", "0", "review"),
            ("risky", "0", "risky"),
            ("pass", "-1008", "failed"),
        )
    ),
    Row(
        **event("user_info_modified", OpenID=OPENID, AppID="wx1", RevokeInfo="1"),
        name="user_info_modified",
        sender="gh_platform",
    ),
    *(
        Row(
            **event(
                f"user_authorization_{what}",
                OpenID=OPENID,
                AppID="wx1",
                RevokeInfo=info,
                PluginID="",
                OpenPID="",
            ),
            kind=Kind.REVOKED,
            reads={"data": {"what": what, "scopes": scopes}},
            sender="gh_platform",
        )
        for what, info, scopes in (("revoke", "8,14", ["8", "14"]), ("cancellation", "", []))
    ),
    Row(**event("kf_create_session", KfAccount="a@b"), kind=Kind.DESK, reads={"key": "begin"}),
    Row(**event("kf_close_session", KfAccount="a@b"), kind=Kind.DESK, reads={"key": "end"}),
    Row(
        **event("kf_switch_session", FromKfAccount="a@b", ToKfAccount="c@b"),
        kind=Kind.DESK,
        reads={"key": "switch"},
    ),
    *(
        Row(
            **event(
                "MASSSENDJOBFINISH",
                f"MASSSENDJOBFINISH {status}",
                MsgID="1000001625",
                Status=status,
                TotalCount="100",
                FilterCount="80",
                SentCount="75",
                ErrorCount="5",
            ),
            kind=Kind.MASS,
            reads={
                "key": "1000001625",
                "data": {
                    "failed": failed,
                    "filter_count": 80,
                    "sent_count": 75,
                    "error_count": 5,
                },
            },
        )
        for status, failed in (
            ("send success", ""),
            ("sendsuccess", ""),
            ("send fail", "send fail"),
            ("err(20001)", "err(20001)"),
        )
    ),
    Row(
        **event("MASSSENDJOBFINISH", "MASSSENDJOBFINISH without numbers", MsgID="7", SentCount="x"),
        kind=Kind.MASS,
        reads={
            "key": "7",
            "data": {
                "failed": "no status",
                "filter_count": None,
                "sent_count": None,
                "error_count": None,
            },
        },
    ),
    Row(
        **event("MASSSENDJOBFINISH", "MASSSENDJOBFINISH of nothing", Status="send success"),
        name="masssendjobfinish",
    ),
    Row(
        **event("PUBLISHJOBFINISH", PublishEventInfo={"publish_id": "1", "publish_status": "0"}),
        name="publishjobfinish",
    ),
    *(
        Row(**event(name, ExpiredTime="1442401156"), name=name)
        for name in (
            "qualification_verify_success",
            "qualification_verify_fail",
            "naming_verify_success",
            "naming_verify_fail",
            "annual_renew",
            "verify_expired",
            "card_pass_check",
            "user_get_card",
        )
    ),
    Row(**event("debug_demo", debug_str="hello"), name="debug_demo"),
    Row(**event("brand_new_event", "an event of the future", Thing={"A": "1"}), name="other"),
]
ROWS = [*MESSAGES, *EVENTS]
