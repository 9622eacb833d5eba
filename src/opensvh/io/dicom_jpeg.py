"""JPEG with 12 bits, and lossless JPEG, for pydicom, which has no permissively licensed decoder of its own for these.

libjpeg-turbo in the wheels of imagecodecs decodes both; pydicom asks for them here once `register` has been called.
"""

from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from typing import Any

from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1

from opensvh.io.headers import JPEG_END

_SYNTAXES = (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1)
DECODER_DEPENDENCIES = dict.fromkeys(_SYNTAXES, ("imagecodecs>=2026.3.6",))
"""As pydicom asks a plugin for it: transfer syntax -> packages."""
_PADDED_BY = 64
"""Bytes at the end in which the end of the image is looked for: some writers pad their frames."""


def is_available(uid: str) -> bool:
    """Whether this transfer syntax can be decoded here; pydicom asks."""
    return uid in DECODER_DEPENDENCIES and find_spec("imagecodecs") is not None


@cache
def register() -> None:
    """Make the decoder known to pydicom, once a process."""
    for syntax in DECODER_DEPENDENCIES:
        with suppress(ValueError):  # another thread was quicker
            get_decoder(syntax).add_plugin("imagecodecs", (__name__, "decode_frame"))


def decode_frame(source: bytes, runner: Any) -> bytes:
    """The samples of a frame as bytes, pixel by pixel; tells pydicom's runner how they lie.

    Raises ValueError for a codestream without an end, of which libjpeg would make up the rest.
    """
    import imagecodecs  # here: needed for few films

    if JPEG_END not in source[-_PADDED_BY:]:
        raise ValueError("the codestream is cut short")
    samples = imagecodecs.jpeg8_decode(source)
    runner.set_option("bits_allocated", 8 * samples.dtype.itemsize)
    if samples.ndim == 3:
        runner.set_option("planar_configuration", 0)
    return bytes(samples.tobytes())
