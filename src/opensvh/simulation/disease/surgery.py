"""Operated joints and lost digits: drawn on the film, and told as a status in place of a score.

Joint replacement (MCP, silicone hinge or metal; wrist), arthrodesis (wrist, MCP1, IP1, MTP1), resection (ulnar head,
metatarsal heads), amputation of a finger or toe. They are rare: 27 % of patients with rheumatoid arthritis had had any
operation on a joint ten years after onset in 1980-94 and 20 % later (Olmsted County, n = 813, PMC3634337), most of them
on knees and soft tissue; the shares here are this project's choice below that. Implants are in `implants`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from opensvh.domain.anatomy import Limb
from opensvh.domain.reading import Status
from opensvh.simulation.anatomy.joints import FUSED_GAP_MM
from opensvh.simulation.anatomy.skeleton import Lesion, PosedBone, Skeleton, Vector, turn
from opensvh.simulation.disease.implants import METAL, SILICONE, implant
from opensvh.simulation.disease.telescoping import sunk


@dataclass(frozen=True)
class Operation:
    """What was done (a key of `KINDS`), and the joint it was done at."""

    kind: str
    site: str


@dataclass(frozen=True)
class _Kind:
    """How an operation is done, where, its share of limbs at average severity, and sites it spoils besides its own."""

    do: Callable[[Skeleton, Limb, str, np.random.Generator], Skeleton]
    limb: Limb
    joints: tuple[str, ...]
    share: float
    number: tuple[int, int] = (1, 1)
    also: tuple[str, ...] = ()


SEVERITY_FACTOR = 2.2
"""Growth of an operation's share with each SD of the patient's latent severity; our choice."""
_WRIST_SITES = ("RADCAR", "CNL", "STT", "CMC3", "NAVICULAR", "LUNATE", "RADIUS")


def draw_operations(limb: Limb, severity: float, rng: np.random.Generator) -> tuple[Operation, ...]:
    """The operations a limb has had; most limbs have had none. `severity` is latent, standard normal in a cohort."""
    drawn: dict[str, Operation] = {}
    for name, kind in KINDS.items():
        happens = rng.random() < min(kind.share * SEVERITY_FACTOR**severity, 0.3)
        sites = rng.permutation(kind.joints)[: rng.integers(kind.number[0], kind.number[1] + 1)]
        if kind.limb is limb and happens:
            for site in sites:
                drawn.setdefault(str(site), Operation(name, str(site)))
    return tuple(drawn.values())


def operated(skeleton: Skeleton, limb: Limb, operations: Sequence[Operation], rng: np.random.Generator) -> Skeleton:
    """The limb after the operations. Bones of a lost digit stay by name, without size, at the stump."""
    for operation in operations:
        own = np.random.default_rng(rng.integers(2**63))
        skeleton = KINDS[operation.kind].do(skeleton, limb, operation.site, own)
    return skeleton


def unscored_sites(operations: Sequence[Operation]) -> Mapping[str, Status]:
    """Site -> why it has no score: `surgically altered` or `amputated`; an amputated joint has no point either."""
    found: dict[str, Status] = {}
    for operation in operations:
        if KINDS[operation.kind].do is _amputation:
            found |= dict.fromkeys((operation.site, *_BEYOND.get(operation.site, ())), Status.AMPUTATED)
            continue
        for site in (operation.site, *KINDS[operation.kind].also):
            found.setdefault(site, Status.SURGICALLY_ALTERED)
    return found


def _hinge(skeleton: Skeleton, limb: Limb, site: str, rng: np.random.Generator) -> Skeleton:
    """A silicone spacer: head resected, a grey hinge with a stem in both bones."""
    head, base, joint = _pair(skeleton, limb, site)
    size = float(skeleton.bones[head].scale[0]) * rng.uniform(0.85, 1.05)
    cut = _sawn(skeleton, head, skeleton.bones[head].shape.length_mm - rng.uniform(4.0, 6.0))
    return _with_parts(
        cut,
        site,
        implant("hinge", joint - 1.5 * size * skeleton.bones[head].axis, skeleton.bones[base].rotation, size, SILICONE),
        _stem(skeleton.bones[head], joint, -11.0 * size, size, SILICONE),
        _stem(skeleton.bones[base], joint, 10.0 * size, size, SILICONE),
    )


def _metal_joint(skeleton: Skeleton, limb: Limb, site: str, rng: np.random.Generator) -> Skeleton:
    """A cap on the head and a socket in the base, each with its stem."""
    head, base, joint = _pair(skeleton, limb, site)
    proximal, distal = skeleton.bones[head], skeleton.bones[base]
    size = float(proximal.scale[0]) * rng.uniform(0.9, 1.08)
    return _with_parts(
        skeleton,
        site,
        implant("cap", joint - 3.4 * size * proximal.axis, proximal.rotation, size),
        implant("socket", joint + 2.6 * size * distal.axis, distal.rotation, size, 0.6 * METAL),
        _stem(proximal, joint, -14.0 * size, size, METAL),
        _stem(distal, joint, 13.0 * size, size, METAL),
    )


def _screw_fusion(skeleton: Skeleton, limb: Limb, site: str, rng: np.random.Generator) -> Skeleton:
    """A joint grown together over a screw."""
    fused = _fused_digit(skeleton, limb, site)
    head, _, joint = _pair(fused, limb, site)
    bone = fused.bones[head]
    rotation = bone.rotation @ turn(z=float(rng.normal(0, 7)))
    return _with_parts(fused, site, implant("screw", joint, rotation, float(bone.scale[0])))


def _plate_fusion(skeleton: Skeleton, limb: Limb, site: str, rng: np.random.Generator) -> Skeleton:
    """A hallux fused under a plate, with screws seen end on and one across."""
    fused = _fused_digit(skeleton, limb, site)
    head, _, joint = _pair(fused, limb, site)
    bone = fused.bones[head]
    size = float(bone.scale[0])
    lift = joint - np.array([0.0, 0.0, 8.0 * size])
    along = [lift + step * size * bone.axis for step in (-14.0, -8.0, 8.0, 14.0)]
    return _with_parts(
        fused,
        site,
        implant("toe plate", lift, bone.rotation, size),
        implant("screw", joint, bone.rotation @ turn(z=float(rng.choice((-1, 1)) * rng.uniform(35, 50))), size),
        *(implant("short screw", place, bone.rotation @ turn(x=90.0), size) for place in along),
    )


def _wrist_fusion(skeleton: Skeleton, limb: Limb, site: str, rng: np.random.Generator) -> Skeleton:
    """A plate from metacarpal 3 to the radius over a wrist without spaces."""
    carpals = {"radius", "scaphoid", "lunate", "capitate", "trapezium", "trapezoid", "mc3"}
    contacts = tuple(
        replace(c, gap_mm=FUSED_GAP_MM) if {c.bone, c.neighbour} <= carpals else c for c in skeleton.contacts
    )
    skeleton = replace(skeleton, contacts=contacts)
    for point in ("RADCAR", "CNL", "CMC3"):
        for name in carpals:
            skeleton = _bridged(skeleton, name, skeleton.points[point], 7.0)
    radius, middle = skeleton.bones["radius"], skeleton.points["CNL"]
    size, axis = float(radius.scale[0]), skeleton.bones["mc3"].axis
    back = middle - np.array([0.0, 0.0, 11.0 * size]) + rng.normal(0, 1.0) * radius.rotation[:, 0]
    steps = (-42.0, -33.0, -24.0, 4.0, 26.0, 34.0, 42.0)
    rotation = skeleton.bones["mc3"].rotation
    return _with_parts(
        skeleton,
        site,
        implant("plate", back, rotation, size),
        *(implant("short screw", back + s * size * axis, rotation @ turn(x=90.0), 1.15 * size) for s in steps),
    )


def _wrist_joint(skeleton: Skeleton, limb: Limb, site: str, rng: np.random.Generator) -> Skeleton:
    """A wrist prosthesis: a stemmed base in the radius, a plate with peg and screw on what is left of the carpus."""
    for name in ("lunate", "scaphoid", "triquetrum"):
        skeleton = _removed(skeleton, name)
    radius, palm = skeleton.bones["radius"], skeleton.bones["mc3"]
    size = float(radius.scale[0])
    base = skeleton.points["RADIUS"] - 4.0 * size * radius.rotation[:, 0] + 2.0 * size * radius.axis
    carpus = base + (11.0 + rng.normal(0, 0.6)) * size * palm.axis
    screw = carpus - 8.0 * size * palm.rotation[:, 0] + 6.0 * size * palm.axis
    return _with_parts(
        skeleton,
        site,
        implant("wrist base", base, radius.rotation, size),
        implant("wrist stem", base - 16.0 * size * radius.axis, radius.rotation, size),
        implant("carpal part", carpus, palm.rotation, size),
        implant("carpal peg", carpus + 12.0 * size * palm.axis, palm.rotation, size),
        implant("screw", screw, palm.rotation @ turn(z=12.0), size),
    )


def _ulna_resection(skeleton: Skeleton, limb: Limb, site: str, rng: np.random.Generator) -> Skeleton:
    return _sawn(skeleton, "ulna", skeleton.bones["ulna"].shape.length_mm - rng.uniform(12.0, 20.0))


def _head_resection(skeleton: Skeleton, limb: Limb, site: str, rng: np.random.Generator) -> Skeleton:
    """A metatarsal head taken away; the toe sinks part of the way."""
    head, _, _ = _pair(skeleton, limb, site)
    lost = float(rng.uniform(8.0, 13.0))
    skeleton = _sawn(skeleton, head, skeleton.bones[head].shape.length_mm - lost)
    return sunk(skeleton, limb, site, head, float(rng.uniform(0.2, 0.6)) * lost)


def _amputation(skeleton: Skeleton, limb: Limb, site: str, rng: np.random.Generator) -> Skeleton:
    """A digit lost from one of its joints on."""
    head, _, joint = _pair(skeleton, limb, site)
    stump = joint - rng.uniform(1.0, 4.0) * skeleton.bones[head].axis
    digit, first = site[-1], "pp" if site.startswith(("MCP", "MTP")) else "mp" if site.startswith("PIP") else "dp"
    lost = [f"{part}{digit}" for part in ("pp", "mp", "dp")[("pp", "mp", "dp").index(first) :]]
    bones = dict(skeleton.bones)
    for name in (name for name in lost if name in bones):
        bones[name] = replace(bones[name], position=stump, scale=np.full(3, 0.02))
    points = dict(skeleton.points)
    points |= {point: stump for point in (site, *_BEYOND.get(site, ())) if point in points}
    contacts = tuple(c for c in skeleton.contacts if not {c.bone, c.neighbour} & set(lost))
    return replace(skeleton, bones=bones, points=points, contacts=contacts)


def _pair(skeleton: Skeleton, limb: Limb, site: str) -> tuple[str, str, Vector]:
    """Names of the bones that meet at a digit's joint, and its centre."""
    first = "mt" if limb is Limb.FOOT else "mc"
    head, base = {"MCP": (first, "pp"), "MTP": (first, "pp"), "PIP": ("pp", "mp"), "IP": ("pp", "dp")}[site[:-1]]
    return f"{head}{site[-1]}", f"{base}{site[-1]}", skeleton.points[site]


def _fused_digit(skeleton: Skeleton, limb: Limb, site: str) -> Skeleton:
    head, base, _ = _pair(skeleton, limb, site)
    gap = next(c.gap_mm for c in skeleton.contacts if c.bone == base and c.neighbour == head)
    skeleton = sunk(skeleton, limb, site, head, gap - FUSED_GAP_MM)
    for name in (head, base):
        skeleton = _bridged(skeleton, name, skeleton.points[site], 6.0)
    return skeleton


def _bridged(skeleton: Skeleton, name: str, centre: Vector, radius: float) -> Skeleton:
    x, y, z = (float(value) for value in skeleton.bones[name].local(centre))
    bone = skeleton.bones[name]
    bridge = Lesion((x, y, z), (radius, radius, radius))
    return _with(skeleton, name, replace(bone, bridges=(*bone.bridges, bridge)))


def _sawn(skeleton: Skeleton, name: str, y: float) -> Skeleton:
    """A bone cut straight across at a local height: small lesions make the edge, large ones clear the rest."""
    bone = skeleton.bones[name]
    half = 0.75 * bone.shape.width_mm
    edge = [Lesion((float(x), y + 2.0, 0.0), (2.2, 2.0, 25.0)) for x in np.arange(-half, half + 1, 2.0)]
    rest = [Lesion((0.0, y + 1.5 + step, 0.0), (1.6 * half, 3.5, 25.0)) for step in (4.0, 8.0, 13.0, 18.0, 23.0)]
    return _with(skeleton, name, replace(bone, erosions=(*bone.erosions, *edge, *rest)))


def _removed(skeleton: Skeleton, name: str) -> Skeleton:
    """A carpal taken out: the bone stays by name, without size, and cuts nothing."""
    bone = replace(skeleton.bones[name], scale=np.full(3, 0.02))
    contacts = tuple(c for c in skeleton.contacts if name not in (c.bone, c.neighbour))
    return replace(_with(skeleton, name, bone), contacts=contacts)


def _stem(bone: PosedBone, joint: Vector, by_mm: float, size: float, solid: float) -> PosedBone:
    return implant("stem", joint + by_mm * bone.axis, bone.rotation, size, solid)


def _with_parts(skeleton: Skeleton, site: str, *parts: PosedBone) -> Skeleton:
    named = {f"implant {site} {number}": part for number, part in enumerate(parts)}
    return replace(skeleton, bones={**skeleton.bones, **named})


def _with(skeleton: Skeleton, name: str, bone: PosedBone) -> Skeleton:
    return replace(skeleton, bones={**skeleton.bones, name: bone})


_BEYOND = {f"MCP{digit}": (f"PIP{digit}",) for digit in (2, 3, 4, 5)} | {"MCP1": ("IP1",), "MTP1": ("IP1",)}
"""Scored joints lost with an amputation at another."""

_FINGERS = ("MCP2", "MCP3", "MCP4", "MCP5")

KINDS: dict[str, _Kind] = {
    "silicone hinge": _Kind(_hinge, Limb.HAND, _FINGERS, 0.004, (1, 4)),
    "metal joint": _Kind(_metal_joint, Limb.HAND, ("MCP2", "MCP3"), 0.001, (1, 2)),
    "screw fusion": _Kind(_screw_fusion, Limb.HAND, ("MCP1", "IP1"), 0.004),
    "wrist fusion": _Kind(_wrist_fusion, Limb.HAND, ("RADCAR",), 0.003, also=_WRIST_SITES),
    "wrist joint": _Kind(_wrist_joint, Limb.HAND, ("RADCAR",), 0.001, also=_WRIST_SITES),
    "ulnar head resection": _Kind(_ulna_resection, Limb.HAND, ("ULNA",), 0.005),
    "amputation": _Kind(_amputation, Limb.HAND, ("PIP2", "PIP3", "PIP4", "PIP5", "MCP5"), 0.0015),
    "hallux plate": _Kind(_plate_fusion, Limb.FOOT, ("MTP1",), 0.008),
    "hallux screw": _Kind(_screw_fusion, Limb.FOOT, ("MTP1", "IP1"), 0.003),
    "head resection": _Kind(_head_resection, Limb.FOOT, ("MTP2", "MTP3", "MTP4", "MTP5"), 0.006, (2, 4)),
    "toe amputation": _Kind(_amputation, Limb.FOOT, ("MTP2", "MTP3", "MTP4", "MTP5", "MTP1"), 0.002),
}
