"""Results to a PACS by C-STORE, and the request that it commit to keeping them (PS3.4, B and J).

What is due when, and what a failure leads to, is `courier`'s.
"""

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.events import Event
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)

from opensvh.serving.node_config import ClientTls, DicomDestination
from opensvh.serving.result_files import ResultFile

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
REQUEST_COMMITMENT = 1
"""Action type of storage commitment: PS3.4, J.3.2.1.1."""
_WARNINGS = range(0xB000, 0xC000)
"""Stored, with some coercion: PS3.4, table B.2-1."""

Reported = Callable[[Event], tuple[int, None]]


class SendFailed(Exception):
    """A destination did not take results; the message has no word of a patient."""


class CStoreSender:
    """Sends to one destination, an association a delivery."""

    def __init__(self, destination: DicomDestination, our_title: str, reported: Reported) -> None:
        self._destination = destination
        self._our_title = our_title
        self._reported = reported

    def send(self, files: Sequence[ResultFile]) -> None:
        """Store every object; raises SendFailed. What is there already is taken again by the same UID."""
        if not files:
            return
        pairs = dict.fromkeys((each.sop_class, each.transfer_syntax) for each in files)
        with self._associated([_context(*pair) for pair in pairs]) as association:
            for each in files:
                self._store(association, each)

    def ask_commitment(self, files: Sequence[ResultFile], transaction: str) -> None:
        """Ask the destination to commit to the objects; raises SendFailed. The answer comes to the node's server."""
        if not files:
            return
        with self._associated([build_context(StorageCommitmentPushModel)]) as association:
            status, _ = association.send_n_action(
                _commitment_request(files, transaction),
                REQUEST_COMMITMENT,
                StorageCommitmentPushModel,
                StorageCommitmentPushModelInstance,
            )
            code = status.get("Status")
            if code != 0:
                raise SendFailed(f"commitment was not taken up ({_status(code)})")

    def _store(self, association: Association, each: ResultFile) -> None:
        try:
            code = association.send_c_store(each.path).get("Status")
        except (ValueError, RuntimeError) as error:
            raise SendFailed(f"{each.kind} not sent: {_first_line(error)}") from error
        if code != 0 and code not in _WARNINGS:
            raise SendFailed(f"{each.kind} not taken ({_status(code)})")

    @contextmanager
    def _associated(self, contexts: Sequence[PresentationContext]) -> Iterator[Association]:
        told = self._destination
        entity = AE(ae_title=self._our_title)
        entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = told.timeout_s
        entity.network_timeout = told.timeout_s
        association = entity.associate(
            told.host,
            told.port,
            contexts=list(contexts),
            ae_title=told.ae_title,
            tls_args=None if told.tls is None else (client_context(told.tls), told.host),
            evt_handlers=[(evt.EVT_N_EVENT_REPORT, self._reported)],
        )
        if not association.is_established:
            reason = "rejected" if association.is_rejected else "no connection"
            raise SendFailed(f"no association with {told.ae_title} at {told.host}:{told.port} ({reason})")
        try:
            yield association
        finally:
            if association.is_established:
                association.release()


def client_context(tls: ClientTls) -> ssl.SSLContext:
    """TLS as a client: the destination's certificate is checked, its name too; ours is shown where there is one."""
    context = ssl.create_default_context(cafile=tls.authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key)
    return context


def _context(sop_class: str, syntax: str) -> PresentationContext:
    """An uncompressed object is offered in both encodings, which can be changed into each other."""
    return build_context(sop_class, [EXPLICIT, IMPLICIT] if syntax in (EXPLICIT, IMPLICIT) else [syntax])


def _commitment_request(files: Sequence[ResultFile], transaction: str) -> Dataset:
    """PS3.4, table J.3-1."""
    request = Dataset()
    request.TransactionUID = transaction
    request.ReferencedSOPSequence = Items()
    for each in files:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = each.sop_class, each.uid
        request.ReferencedSOPSequence.append(item)
    return request


def _status(code: int | None) -> str:
    return "no answer" if code is None else f"status {code:04X}H"


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
