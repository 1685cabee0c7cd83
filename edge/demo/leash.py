"""Runs a command that ends when whoever started it ends: `python leash.py SIGNAL PARENT COMMAND…`.

A demo that is killed with -9 has no last words to say to its children, so the kernel says them
(prctl(2), PR_SET_PDEATHSIG, which survives exec). Run by its path and importing next to nothing, so that
it costs a few milliseconds. Elsewhere than on Linux the command just runs.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Becomes the command; comes back only if that cannot be run."""
    number, parent = int(sys.argv[1]), int(sys.argv[2])
    if sys.platform == "linux":
        if ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
            sys.exit("leash: the kernel refuses PR_SET_PDEATHSIG")
        if os.getppid() != parent:  # gone between fork and here
            sys.exit("leash: nobody holds it")
    os.execvp(sys.argv[3], sys.argv[3:])


if __name__ == "__main__":
    main()
