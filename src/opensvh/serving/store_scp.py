"""The node as a DICOM server: C-ECHO, C-STORE of films, and N-EVENT-REPORT of storage commitment.

A film is acknowledged once it is on the disk and in the queue. Who is heard is decided before a word of DICOM is
spoken: by AE title and address together, and by certificate where TLS is on.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.events import Event
from pynetdicom.sop_class import StorageCommitmentPushModel, Verification  # type: ignore[attr-defined]

from opensvh.serving.film_check import FILM_CLASSES, TRANSFER_SYNTAXES
from opensvh.serving.journal import Journal
from opensvh.serving.node_config import Receiving, ServerTls

SUCCESS = 0x0000
OUT_OF_RESOURCES, CLASS_MISMATCH, CANNOT_UNDERSTAND = 0xA700, 0xA900, 0xC000
"""Failures of C-STORE: PS3.4, table B.2-1."""
CLASS_NOT_SUPPORTED = 0x0122
"""PS3.7, C.4.2."""
INVALID_ARGUMENT, NO_SUCH_EVENT = 0x0115, 0x0113
"""PS3.7, 10.1.1.1.8."""
COMMITTED, COMMITTED_IN_PART = 1, 2
"""Event types of storage commitment: PS3.4, J.3.3.1.1."""
_REJECTED_CALLER = (0x01, 0x01, 0x03)
"""Permanent, by the service user, calling AE title not recognised: PS3.8, table 9-21."""
UNCOMPRESSED = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2")


@dataclass(frozen=True)
class Handlers:
    """What the server calls: `store` with an object as a file and its SOP class, which gives the status to answer;
    `commitment` with a transaction and what failed in it, False where nobody waits for it; `event` to count calls."""

    store: Callable[[bytes, str, str], int]
    commitment: Callable[[str, str], bool]
    event: Callable[[str], None]


class StoreScp:
    """Listens from `start` to `stop`, each caller in a thread of its own."""

    def __init__(self, config: Receiving, handlers: Handlers, journal: Journal) -> None:
        self._config = config
        self._handlers = handlers
        self._journal = journal
        self._server: Any = None
        self._entity = _entity(config)

    def start(self) -> None:
        """Listen; raises OSError where the port is taken."""
        bound: list[Any] = [
            (evt.EVT_REQUESTED, self._requested),
            (evt.EVT_C_ECHO, self._echoed),
            (evt.EVT_C_STORE, self._stored),
            (evt.EVT_N_EVENT_REPORT, self._reported),
        ]
        context = None if self._config.tls is None else server_context(self._config.tls)
        where = (self._config.host, self._config.port)
        self._server = self._entity.start_server(where, block=False, evt_handlers=bound, ssl_context=context)

    @property
    def listening(self) -> bool:
        """Whether callers are heard."""
        return self._server is not None

    def stop(self) -> None:
        """Hear nobody new; associations that are open are aborted, what they had not been answered they send again."""
        if self._server is not None:
            self._server.shutdown()
            self._server = None
        self._entity.shutdown()

    def _requested(self, event: Event) -> None:
        requestor = event.assoc.requestor
        title = "" if requestor.primitive is None else str(requestor.primitive.calling_ae_title).strip()
        address = ip_address(requestor.address.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        if any(peer.matches(title, mapped or address) for peer in self._config.peers):
            return
        self._handlers.event("rejected")
        self._journal("caller rejected", ae_title=title, address=str(address))
        event.assoc.acse.send_reject(*_REJECTED_CALLER)
        event.assoc.kill()

    def _echoed(self, event: Event) -> int:
        self._handlers.event("echo")
        return SUCCESS

    def _stored(self, event: Event) -> int:
        sop_class, caller = str(event.request.AffectedSOPClassUID), str(event.assoc.requestor.ae_title).strip()
        try:
            return self._handlers.store(event.encoded_dataset(), sop_class, caller)
        except OSError:
            return OUT_OF_RESOURCES

    def _reported(self, event: Event) -> tuple[int, None]:
        return reported(event, self._handlers.commitment)


def reported(event: Event, commitment: Callable[[str, str], bool]) -> tuple[int, None]:
    """The answer to an N-EVENT-REPORT of storage commitment (PS3.4, J.3.3), which `commitment` is told of."""
    if event.event_type not in (COMMITTED, COMMITTED_IN_PART):
        return NO_SUCH_EVENT, None
    try:
        report = event.event_information
        transaction = str(report.TransactionUID)
        failed = report.get("FailedSOPSequence") or []
        reasons = sorted({f"{int(item.get('FailureReason', 0)):04X}H" for item in failed})
    except Exception:  # whatever a damaged report makes the parser raise
        return INVALID_ARGUMENT, None
    problem = f"{len(failed)} objects not committed to ({', '.join(reasons)})" if failed else ""
    return (SUCCESS if commitment(transaction, problem) else INVALID_ARGUMENT), None


def server_context(tls: ServerTls) -> ssl.SSLContext:
    """TLS as the server: with the node's certificate, and the callers' where an authority for them is named."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(tls.certificate, tls.key)
    if tls.clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(tls.clients)
    return context


def _entity(config: Receiving) -> AE:
    entity = AE(ae_title=config.ae_title)
    entity.maximum_associations = config.associations
    entity.require_called_aet = config.check_called_ae
    entity.add_supported_context(Verification)
    for context in AllStoragePresentationContexts:
        sop_class = str(context.abstract_syntax)
        is_film = sop_class in FILM_CLASSES
        entity.add_supported_context(sop_class, list(TRANSFER_SYNTAXES if is_film else UNCOMPRESSED))
    # The PACS calls back as the SCP of its commitment (PS3.4, J.3.3), so that the roles are exchanged.
    entity.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)
    return entity
