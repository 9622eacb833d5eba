"""The secret that makes pseudonyms: the same key gives the same pseudonyms, shifts and UIDs over all runs.

Everything is HMAC-SHA256 of what it stands for (RFC 2104), each kind in a domain of its own: who lacks the key can
neither go back nor try out names. Who has it can: keep it where the originals are kept, never with what leaves.
"""

import base64
import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from opensvh.domain.errors import ConfigInvalid, OutputConflict

MARK = "opensvh-deidentify-key-1"
"""First word of a key file; the second is the key, 64 hexadecimal digits."""
KEY_BYTES = 32
MOST_DAYS = 3650
"""Dates move back by 1 to this many days: never into the future, and far enough to hide the year."""
LETTERS = 10
"""Of a pseudonym after its P: 50 bits, so that two of a million patients share one with a chance of one in two
thousand."""


@dataclass(frozen=True)
class Key:
    """The secret; it is never shown."""

    secret: bytes = field(repr=False)

    def pseudonym(self, patient: str) -> str:
        """`P` and ten letters or digits, the same for the same patient."""
        return "P" + self.token("patient", patient, LETTERS)

    def shift_days(self, patient: str) -> int:
        """Days, below zero, that all of a patient's dates move by: order and distance of visits stay."""
        return -1 - int.from_bytes(self._digest("days", patient)[:8], "big") % MOST_DAYS

    def uid(self, original: str) -> str:
        """The UID in place of another: 2.25 and a version 4 UUID's number (PS3.5 B.2), made of the digest."""
        number = bytearray(self._digest("uid", original)[:16])
        number[6] = 0x40 | number[6] & 0x0F
        number[8] = 0x80 | number[8] & 0x3F
        return f"2.25.{int.from_bytes(number, 'big')}"

    def token(self, kind: str, original: str, letters: int = 8) -> str:
        """So many letters A-Z and digits 2-7 that stand for something."""
        return base64.b32encode(self._digest(kind, original)).decode()[:letters]

    @property
    def fingerprint(self) -> str:
        """Tells keys apart without giving anything away."""
        return self._digest("fingerprint", "").hex()[:16]

    def _digest(self, kind: str, original: str) -> bytes:
        return hmac.digest(self.secret, f"{kind}\0{original}".encode(), hashlib.sha256)


def new_key(path: Path) -> Key:
    """Make a key file that only its owner may read; raises OutputConflict where there is a file already."""
    secret = secrets.token_bytes(KEY_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        remedy = "leave out --new-key to go on with it, or name another file"
        raise OutputConflict(f"{path}: is there already, and a key is never overwritten; {remedy}") from error
    except OSError as error:
        raise OutputConflict(f"{path}: cannot be written ({error.strerror}); name another place") from error
    with os.fdopen(handle, "w") as file:
        file.write(f"{MARK} {secret.hex()}\n")
        file.flush()
        os.fsync(file.fileno())
    return Key(secret)


def read_key(path: Path) -> Key:
    """Read a key file; raises ConfigInvalid where it is none, or others than its owner may read it."""
    try:
        words = path.read_text(encoding="ascii").split()
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise ConfigInvalid(f"{path}: is not there; make a key with --new-key, or correct the path") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{path}: cannot be read as a key ({type(error).__name__}); give the key file") from error
    if len(words) != 2 or words[0] != MARK or len(words[1]) != 2 * KEY_BYTES or not _is_hex(words[1]):
        raise ConfigInvalid(f"{path}: is no key file; give one made with --new-key")
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise ConfigInvalid(f"{path}: others may read this key; take that from them with `chmod 600 {path}`")
    return Key(bytes.fromhex(words[1]))


def _is_hex(word: str) -> bool:
    return all(letter in "0123456789abcdefABCDEF" for letter in word)
