"""What ends a run against its will, in words: a loss that is no number, a full disk. The last good state stays."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opensvh.domain.errors import TrainingFailed

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def named_failures(run: Path, last: Path) -> Iterator[None]:
    """Raise TrainingFailed, with the remedy and what is kept, for what goes wrong in the block."""
    try:
        yield
    except FloatingPointError as failure:
        raise TrainingFailed(f"{run}: {failure}; lower the learning rate ({_kept(last)})") from failure
    except OSError as failure:
        if failure.errno not in NO_ROOM:
            raise
        where = failure.filename or run
        raise TrainingFailed(
            f"{where}: cannot be written, the disk is full ({failure.strerror}); make room and go on with --resume "
            f"({_kept(last)})"
        ) from failure


def _kept(last: Path) -> str:
    return f"the last good state is {last}" if last.exists() else "no step was stored yet"
