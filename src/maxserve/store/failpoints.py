"""Named points at which a test can end this process as `kill -9` does.

`MAXSERVE_TASKS_KILL=NAME` does it when the point is reached, `NAME:3` the third time. In the life of a task the points
are "accepted", "claimed", "generating" and "result"; in that of a webhook request "delivering" (before it), "delivery"
(it is sent, its answer is not read) and "delivered" (answered, and that is not noted yet).
"""

from __future__ import annotations

import itertools
import os
import signal

_wanted, _, _count = os.environ.get("MAXSERVE_TASKS_KILL", "").partition(":")
_passages = itertools.count(1)


def hit(name: str) -> None:
    """Do nothing, unless this is the point where the process is to end."""
    if name == _wanted and next(_passages) == int(_count or 1):
        os.kill(os.getpid(), signal.SIGKILL)
