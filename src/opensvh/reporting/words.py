"""Every word that a patient's report says, in one place; templates and pages hold none of their own.

Reasons and warnings come with the readings, in the words of what found them. Braces are filled by `str.format`.
"""

from collections.abc import Iterable, Sequence

from opensvh.domain.anatomy import FILM_CODES, Kind, Limb, Side
from opensvh.domain.reading import ModelIdentity, SiteReading

LANGUAGE = "en"
CUT = "…"

TITLE = "Sharp/van der Heijde reading"
NOTICE_FIRST = "For research use only."
NOTICE_REST = "Not a medical device; not for diagnosis or treatment decisions."
NOTICE = f"{NOTICE_FIRST} {NOTICE_REST}"
KEYWORD = "research use only"
PAGE_OF = "Page {page} of {pages}"
THEME, THEME_HINT = "Light / dark", "Light or dark page"
PRINT = "Print"

FILMS_READ = ("{count} film read", "{count} films read")
FILMS_REFUSED = "{count} refused"
MODEL_LINE = "Model {name} {version}, weights {weights}"

KINDS = {Kind.NARROWING: "narrowing", Kind.EROSION: "erosion"}
SUM_TITLES: dict[Kind | None, str] = {None: "Total score", Kind.NARROWING: "Narrowing", Kind.EROSION: "Erosion"}
NO_SCORE = "–"
POSSIBLE = "/ {possible}"
INTERVAL = "90 % interval {low:.0f} to {high:.0f}"
NO_INTERVAL = "no interval: the scores carry no probabilities"
COUNTED = "{assessed} of {sites} scores"
COUNTED_PART = "{assessed} of {sites} scores; those read could reach {maximum}"
INTERVALS_ARE = "Intervals hold for simulated patients ({model}); on real films no coverage has been measured."

FIGURE_TITLE = "Hands and feet"
FIGURE_HINT = "Schematic of both hands and both feet with the grade at every site"
LEGEND_NARROWING = "narrowing"
LEGEND_EROSION = "erosion"
LEGEND_ZERO = "no damage"
LEGEND_HIGHEST = "highest grade"
LEGEND_NONE = "not scored"
LIMB_SUMS = "narrowing {narrowing} · erosion {erosion}"
NO_FILM_READ = "no film read"

MIRRORED, MIRRORED_SIGN = "mirrored", "⇋"
WORST_TITLE = "Worst joints"
WORST_HINT = f"each beside the same joint of the other side, mirrored ({MIRRORED_SIGN})"
WORST_UNREAD = "No joint was read."
WORST_NONE = "No joint read reaches grade 1."
JOINT_NOT_FOUND = "joint not found"
OTHER_SITE_KIND = {"NAVICULAR": "navicular {kind}"}
"""Sites that are read at a joint of another name."""
OF_MAXIMUM = "{value:.2f} of {maximum}"
GRADE_OF = "{grade} / {maximum}"

CHANGE_TITLE, CHANGE_TITLE_WHEN = "Since the last visit", "Since the last visit ({when})"
FIRST_VISIT = "First visit: no earlier reading was given."
NOTHING_COMPARED = "No score was read at both visits."
CHANGE_FROM_TO = "{before:.1f} before, {now:.1f} now"
CHANGE_COMPARED = "over the {compared} of {scored} scores read at both visits"
CHANGE_REAL = "More than the smallest detectable change ({detectable:.1f})."
CHANGE_CHANCE = "Less than the smallest detectable change ({detectable:.1f}): no change can be told."
CHANGE_UNKNOWN = "How much of it is chance cannot be told: the scores carry no probabilities."
CHANGE_KIND = "{kind} {difference}"
CHANGE_SITES = "Sites that changed detectably"
CHANGE_SITE = "{before:.1f} → {now:.1f}"
CHANGE_NO_SITES = "No single site changed by more than its smallest detectable change."
OTHER_MODEL = "The last visit was read by {models}: part of any change may be the models'."
OTHER_NAME = "The last visit is filed as {patient}."
AND_MORE = "and {count} more: see the page in HTML"

GAPS_TITLE = "Not assessed"
NO_GAPS = "Every site of hands and feet was scored."
REFUSED = "Refused"
MISSING = "No film read"
MISSING_TEXT = "of the {limbs}: {scores} scores are in no sum"
CAUTIONS_TITLE = "Read with caution"
GAP_SITE = "{site} ({kinds})"
AND = " and "
WHY = "{status} ({reason})"

SHEET_TITLE = "Score sheet"
LIMB_TITLES = {Limb.HAND: "Hands", Limb.FOOT: "Feet"}
SIDES = {Side.LEFT: "Left", Side.RIGHT: "Right"}
LIMBS = {Limb.HAND: "hand", Limb.FOOT: "foot"}
COLUMN_SITE, COLUMN_SUM = "Site", "Sum"
GROUPS = {"forefoot": "Forefoot", "fingers": "Fingers", "spaces": "Wrist joints", "bones": "Wrist bones"}

READING_TITLE = "How to read this"
HOW_TO_READ = (
    "The large figure is the grade nearest to the model's expectation, the small one the expectation itself; sums add "
    "expectations. A site that could not be assessed is in no sum and never counted as 0. Narrowing runs 0–4, erosion "
    "0–5 in hands and 0–10 in feet. Experienced readers' own smallest detectable change is 2 to 3 units of the total "
    "(Ann Rheum Dis 2014;73:1067): a change of one grade at one joint is no finding."
)
HOW_CROPS = "Crops are cut at the film's resolution, turned upright, their grey levels spread."

MARKS, JOINTS, NAMES, BOX = "Marks", "Joints", "Names", "Box"
MAPS, NO_MAP, JOINT_CLASSES_MAP = "Model's map", "None", "Joint classes"
OPACITY, FILM, WHOLE_FILM, INVERT = "Opacity of the map", "Film", "Whole film", "Invert"
KEY_I, LIGHT_MAT, CONTRAST = "Key i", "Light background", "Contrast"
LARGE_VIEW, LARGE_VIEW_HINT = "Large view", "Large view, Esc closes"
XRAY_OF = "X-ray of the {limb}"
SEEN = "From the pixels: {seen}"
RING_LEGEND = "left half narrowing, right half erosion"
SCALE_FROM, SCALE_TO, SCALE_NONE = "none", "highest grade", "not scored"
CLOSE, CLOSE_HINT = "Close", "Close (Esc)"
CONFIDENCE = "Joint found with {percent} % confidence"

LOOKS_LIKE = {Side.LEFT: "looks like a left one", Side.RIGHT: "looks like a right one"}
TURNED = "turned {degrees:.0f}° to bring the digits up"
SKELETON = "{age} skeleton"
SURE = " ({percent:.0f} %)"

SITE_LABELS: dict[tuple[Limb, str], str] = {
    (Limb.HAND, "IP1"): "IP thumb",
    (Limb.HAND, "STT"): "Multangular–navicular",
    (Limb.HAND, "CNL"): "Capitate–navicular–lunate",
    (Limb.HAND, "RADCAR"): "Radiocarpal",
    (Limb.HAND, "MC1_BASE"): "Metacarpal 1 base",
    (Limb.HAND, "TRAPEZIUM"): "Multangular (trapezium)",
    (Limb.HAND, "NAVICULAR"): "Navicular (scaphoid)",
    (Limb.HAND, "LUNATE"): "Lunate",
    (Limb.HAND, "RADIUS"): "Radius",
    (Limb.HAND, "ULNA"): "Ulna",
    (Limb.FOOT, "IP1"): "IP hallux",
}
SHORT_LABELS = {"MC1_BASE": "MC1", "TRAPEZIUM": "Mul", "LUNATE": "Lun", "RADCAR": "RC", "RADIUS": "Rad", "ULNA": "Uln"}
"""Points whose names are too long to stand on a film."""


def site_label(limb: Limb, name: str) -> str:
    """A site's name as a reader writes it: `MCP 2`, `Radiocarpal`."""
    return SITE_LABELS.get((limb, name)) or f"{name.rstrip('12345')} {name[-1]}"


def film_label(code: str) -> str:
    """`Left hand` for `LH`."""
    limb, side = FILM_CODES[code]
    return f"{SIDES[side]} {LIMBS[limb]}"


def why(reading: SiteReading) -> str:
    """Why a site has no score: its status, and the reason where one is given."""
    status = reading.status.value
    return WHY.format(status=status, reason=reading.reason) if reading.reason else status


def counted(words: tuple[str, str], count: int) -> str:
    """The singular or the plural of a pair, filled."""
    return words[count != 1].format(count=count)


def listed(items: Sequence[str]) -> str:
    """`left hand, left foot and right foot`."""
    return AND.join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def signed(value: float) -> str:
    """`+5.3`, `−2.0`, `0.0`: with a true minus sign, and none on what rounds to nothing."""
    text = f"{value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")


def model_line(model: ModelIdentity) -> str:
    """Name, version and the first of its weights' digest."""
    return MODEL_LINE.format(name=model.name, version=model.version, weights=model.sha256[:12])


def model_names(models: Iterable[ModelIdentity]) -> str:
    """`reference 0.3.0 + compact 0.2.0`."""
    return " + ".join(f"{model.name} {model.version}" for model in models)
