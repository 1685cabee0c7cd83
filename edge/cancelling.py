"""Going when told to: a cancellation that something else swallowed is raised after all.

`asyncio.wait_for` swallows one that comes together with its answer before Python 3.12 (python/cpython#86296),
and a task group whose tasks fail while it is cancelled raises their errors instead of it, so that `except*`
makes it disappear. A loop that runs for ever looks here after every turn; without that a box that is told to
stop, or a link that a drill cuts, would sometimes go on for ever.
"""

import asyncio


def honour_cancellation() -> None:
    """Raise `CancelledError` if this task was cancelled and does not know it any more."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
