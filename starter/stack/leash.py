"""Runs a program that ends when its supervisor ends, even by `kill -9`: `leash.py SUPERVISOR_PID PROGRAM [ARGUMENT …]`.

The kernel's "parent death signal" can only be asked for from inside the child, and a supervisor with threads must not run
Python between fork and exec: hence this small program in between, which becomes the one that is wanted. Systems other than
Linux have no such signal; there the program runs without a leash.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    supervisor, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(supervisor):
        sys.exit("the supervisor ended before its part began")
    os.execv(command[0], command)  # noqa: S606 - the supervisor's own command, not a shell's


if __name__ == "__main__":
    main()
