"""The groups that figures are told apart by: sites by limb, kind and joint, patients by how much damage they have."""

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind, Limb, Site
from opensvh.evaluation.challenge import site_columns

_JOINTS = (("PIP", "PIP and thumb IP"), ("IP", "PIP and thumb IP"), ("MCP", "MCP"), ("MTP", "MTP"))
SEVERITIES: tuple[tuple[str, float], ...] = (
    ("no damage", 0),
    ("mild", 20),
    ("moderate", 55),
    ("severe", 448),
)
"""Patients by gold total, each up to its bound: three bounds of the challenge's table of weights."""


def joint_group(site: Site) -> str:
    """The joint group of a site: fingers by row of joints, wrist, MTP, hallux IP."""
    if site.limb is Limb.FOOT and site.name.startswith("IP"):
        return "hallux IP"
    return next((group for start, group in _JOINTS if site.name.startswith(start)), "wrist")


def site_groups() -> dict[tuple[str, Limb, Kind], list[str]]:
    """(group, limb, kind) -> columns: whole limbs first, then joint groups; all of a group share one scale."""
    groups = {(f"all {limb}s" if limb is Limb.HAND else "all feet", limb, kind): site_columns(kind, limb)
              for limb in Limb for kind in Kind}  # fmt: skip
    for column, (_, site, kind) in RA2_SITE_COLUMNS.items():
        groups.setdefault((joint_group(site), site.limb, kind), []).append(column)
    return groups


def columns_by_site() -> dict[tuple[str, Limb, Kind], list[str]]:
    """(site's name, limb, kind) -> its columns of both sides."""
    groups: dict[tuple[str, Limb, Kind], list[str]] = {}
    for column, (_, site, kind) in RA2_SITE_COLUMNS.items():
        groups.setdefault((site.name, site.limb, kind), []).append(column)
    return groups


def maximum_of(columns: list[str]) -> int:
    """The highest grade of columns that share a scale."""
    _, site, kind = RA2_SITE_COLUMNS[columns[0]]
    return site.maximum(kind) or 0


def by_severity(totals: NDArray[np.float64]) -> dict[str, NDArray[np.bool_]]:
    """Severity -> which patients are of it, by their gold totals; only those with patients."""
    bounds = np.array([bound for _, bound in SEVERITIES])
    severity = np.searchsorted(bounds, totals, side="left")
    groups = {name: severity == index for index, (name, _) in enumerate(SEVERITIES)}
    return {name: chosen for name, chosen in groups.items() if chosen.any()}
