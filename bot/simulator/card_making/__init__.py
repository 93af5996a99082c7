"""The province, the bank, the factory, the card centre, the branches and the mail.

The other end of `docs/handover.md`, written from that page alone; entered by `card_making_end`.
"""
