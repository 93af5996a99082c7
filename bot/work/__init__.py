"""Background work: lanes that claim rows from SQL, run jobs, send notices, empty mailboxes.

`shebaoka worker` and tests start a `Worker`; the web rings it through a `Bell`. Handlers ask for
work by rows (`Turn.start_job`, `Turn.send_sms`) and never enter.
"""

from bot.work.bell import Bell
from bot.work.housekeeping import Chore, standard_chores
from bot.work.worker import Worker

__all__ = ["Bell", "Chore", "Worker", "standard_chores"]
