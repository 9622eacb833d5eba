"""JPEG with 12 bits, and lossless JPEG, for pydicom, which has no permissively licensed decoder of its own for these.

libjpeg-turbo in the wheels of imagecodecs decodes both; pydicom asks for them here once `register` has been called.
"""

from functools import cache
from importlib.util import find_spec
from typing import Any

from pydicom.pixels import get_decoder
from pydicom.uid import JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1

_SYNTAXES = (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1)
DECODER_DEPENDENCIES = dict.fromkeys(_SYNTAXES, ("imagecodecs>=2026.3.6",))
"""As pydicom asks a plugin for it: transfer syntax -> packages."""


def is_available(uid: str) -> bool:
    """Whether this transfer syntax can be decoded here; pydicom asks."""
    return uid in DECODER_DEPENDENCIES and find_spec("imagecodecs") is not None


@cache
def register() -> None:
    """Make the decoder known to pydicom, once a process."""
    for syntax in DECODER_DEPENDENCIES:
        get_decoder(syntax).add_plugin("imagecodecs", (__name__, "decode_frame"))


def decode_frame(source: bytes, runner: Any) -> bytes:
    """The samples of a frame as bytes, pixel by pixel; tells pydicom's runner how they lie."""
    import imagecodecs  # here: needed for few films

    samples = imagecodecs.jpeg8_decode(source)
    runner.set_option("bits_allocated", 8 * samples.dtype.itemsize)
    if samples.ndim == 3:
        runner.set_option("planar_configuration", 0)
    return bytes(samples.tobytes())
