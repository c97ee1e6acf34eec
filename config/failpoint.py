"""Named points at which a test may kill the process, as a power cut would. Without the variable they do nothing.

`WASPADA_FAILPOINT=name` kills at the first reach of that name, `name:3` at the third. Production never sets it.
"""

from __future__ import annotations

import os
import signal
import threading

VARIABLE = "WASPADA_FAILPOINT"

_name, _, _count = os.environ.get(VARIABLE, "").partition(":")
_left = int(_count) if _count.isdigit() else 1
_lock = threading.Lock()


def reach(name: str) -> None:
    """Die here, without any clean-up, if the environment names this point and the count is used up."""
    global _left
    if name != _name:
        return
    with _lock:
        _left -= 1
        if _left > 0:
            return
    if os.name == "posix":
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(137)
