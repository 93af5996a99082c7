"""From a card that is ready to one that works: 领卡码, 代领, 激活, 改网点, 换银行, 收到, 改地址.

Entered by `handlers.talks`, which routes to `CollectTalk`, and by the forms of pages (`page`).
"""
