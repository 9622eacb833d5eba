"""Names that follow from what they name: the UIDs of results, of converted films and of tracked sites.

A UID is 2.25 and a version 5 UUID as a decimal number (PS3.5 B.2): the same sources, model and kind of result give the
same UID in any run on any machine, so that a second run makes the same objects and a PACS keeps no duplicates.
"""

import uuid

from pydicom.uid import UID

from opensvh.domain.anatomy import Limb, Side

_NAMESPACE = uuid.UUID("5a6d3b0e-4c1f-5e0b-9a57-0f1d2f0c6b11")
"""Of this project's names; never to change, or every UID changes with it."""


def uid_of(what: str, *parts: object) -> UID:
    """The UID of `what` (a kind of thing) made of `parts`, whose order counts."""
    name = "\x1f".join(("opensvh", what, *(str(part) for part in parts)))
    return UID(f"2.25.{uuid.uuid5(_NAMESPACE, name).int}")


def tracking_uid(patient_id: str, issuer: str, limb: Limb, side: Side, site: str) -> UID:
    """The Tracking Unique Identifier of a patient's site: one for all his visits (PS3.16 TID 4108)."""
    return uid_of("site", patient_id, issuer, limb.value, side.value, site)


IMPLEMENTATION = uid_of("implementation")
"""Implementation Class UID of files that this project writes (PS3.7 D.3.3.2)."""
