"""Films come through the wire as they are, compressed ones too, with a status that says what became of them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, JPEGLosslessSV1, RLELossless
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage, Verification

from opensvh.serving.journal import Journal
from opensvh.serving.node_config import NodeConfig
from opensvh.serving.store_scp import Handlers, StoreScp


class Kept:
    """What a server has been given."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []
        self.calls: list[str] = []
        self.fails = False

    def store(self, content: bytes, sop_class: str, caller: str) -> int:
        if self.fails:
            raise OSError(28, "No space left on device")
        self.contents.append(content)
        return 0


@pytest.fixture
def kept(config: NodeConfig) -> Iterator[Kept]:
    holds = Kept()
    handlers = Handlers(holds.store, lambda transaction, problem: False, holds.calls.append)
    server = StoreScp(config.receive, handlers, Journal())
    server.start()
    yield holds
    server.stop()


@pytest.mark.parametrize("syntax", [RLELossless, JPEGBaseline8Bit, JPEGLosslessSV1])
def test_a_compressed_film_is_taken_as_it_is(
    kept: Kept, config: NodeConfig, film: Callable[..., Path], send: Callable[..., Any], tmp_path: Path, syntax: str
) -> None:
    dataset = dcmread(film())
    dataset.PixelData = encapsulate([b"a codestream as any"])
    dataset["PixelData"].VR = "OB"
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(tmp_path / "compressed.dcm")
    assert send(config.receive.port, tmp_path / "compressed.dcm") == [0]
    (tmp_path / "received.dcm").write_bytes(kept.contents[0])
    received = dcmread(tmp_path / "received.dcm")
    assert received.file_meta.TransferSyntaxUID == syntax
    assert received.PixelData == dataset.PixelData


def test_a_disk_that_is_full_is_told(
    kept: Kept, config: NodeConfig, film: Callable[..., Path], send: Callable[..., Any]
) -> None:
    kept.fails = True
    assert send(config.receive.port, film()) == [0xA700]


def test_an_echo_is_answered_and_counted(kept: Kept, config: NodeConfig) -> None:
    caller = AE("MODALITY")
    caller.add_requested_context(Verification)
    association = caller.associate("127.0.0.1", config.receive.port, ae_title="OPENSVH")
    assert association.send_c_echo().Status == 0
    association.release()
    assert kept.calls == ["echo"]


def test_any_storage_class_is_negotiated_so_that_a_whole_study_can_be_sent(kept: Kept, config: NodeConfig) -> None:
    caller = AE("MODALITY")
    caller.add_requested_context(CTImageStorage)
    association = caller.associate("127.0.0.1", config.receive.port, ae_title="OPENSVH")
    assert len(association.accepted_contexts) == 1
    association.release()


def test_a_port_that_is_taken_is_an_error(kept: Kept, config: NodeConfig) -> None:
    other = StoreScp(config.receive, Handlers(kept.store, lambda *_: False, kept.calls.append), Journal())
    with pytest.raises(OSError, match="in use"):
        other.start()
