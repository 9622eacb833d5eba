"""The failures a user can meet, by name; each message names the file, the fact and the remedy.

The CLI prints one as a single line and exits with code 2; library code raises them and neither prints nor exits.
"""


class OpenSvHError(Exception):
    """A failure that the user can mend. `str(error)` is the whole message: what, where, and what to do."""


class FilmUnreadable(OpenSvHError):
    """A film's file cannot be decoded, or holds no image."""


class FilmUnidentified(OpenSvHError):
    """It cannot be told which limb or side a film shows, or two sources contradict each other."""


class LimbNotFound(OpenSvHError):
    """No hand or foot can be made out on the film."""


class DatasetInvalid(OpenSvHError):
    """A film set does not follow the native layout; the message lists what is wrong row by row."""


class TableInvalid(OpenSvHError):
    """A CSV file lacks a column or holds a value outside its range."""


class ConfigInvalid(OpenSvHError):
    """A configuration has an unknown key or an impossible value."""


class BundleInvalid(OpenSvHError):
    """A model bundle is incomplete, altered, or made for another site table."""


class OutputConflict(OpenSvHError):
    """The output folder holds something else than what is about to be written there."""


class TrainingFailed(OpenSvHError):
    """Training cannot go on; the last good checkpoint is named in the message."""
