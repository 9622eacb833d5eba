"""How many CPU threads networks may take: said once by a command, asked by whatever runs them.

Kept where OpenMP looks for it, which PyTorch reads when it is imported and which child processes inherit. PyTorch's
import takes seconds, and not everything that runs networks needs it: it is not imported for this.
"""

import os
import sys

VARIABLE = "OMP_NUM_THREADS"


def threads() -> int:
    """PyTorch's number where it is loaded; else what the variable says, or one for each core of this process."""
    torch = sys.modules.get("torch")
    if torch is not None:
        return int(torch.get_num_threads())
    said = os.environ.get(VARIABLE, "").partition(",")[0]
    return int(said) if said.isdecimal() and int(said) > 0 else _cores()


def use_threads(count: int) -> None:
    """Let networks take so many threads, in the whole program."""
    os.environ[VARIABLE] = str(count)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(count)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
