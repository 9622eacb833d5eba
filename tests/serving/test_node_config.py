"""A node's file is checked as a whole, and what is wrong with it is named."""

from pathlib import Path

import pytest

from opensvh.domain.errors import ConfigInvalid
from opensvh.serving.node_config import DicomDestination, NodeConfig, example, read_node_config


def written(folder: Path, text: str) -> Path:
    path = folder / "node.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_is_a_file_that_can_be_read(tmp_path: Path) -> None:
    config = read_node_config(written(tmp_path, example()))
    assert config.folder == tmp_path / "node"
    assert isinstance(config.destinations[0], DicomDestination)
    assert config.destinations[0].commitment


def test_the_example_names_every_key_with_its_default(tmp_path: Path) -> None:
    """What is commented out counts as named."""
    text = example()
    for model in (NodeConfig, *_tables(NodeConfig)):
        for name in model.model_fields:
            assert name in text, f"{model.__name__}.{name}"
    told = read_node_config(written(tmp_path, text))
    bare = NodeConfig.model_validate(
        {"folder": told.folder, "receive": {"peers": told.receive.peers}, "destinations": told.destinations}
    )
    assert told == bare


def _tables(model: type) -> list[type]:
    from opensvh.serving import node_config

    names = ("Receiving", "Peer", "ServerTls", "Scoring", "Retry", "DicomDestination", "WebDestination", "ClientTls",
             "Monitoring", "Retention")  # fmt: skip
    return [getattr(node_config, name) for name in names]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("quiet_s = 60", "quiet = 60", "score.quiet"),
        ("port = 11112", "port = 111120", "receive.port"),
        ('ae_title = "OPENSVH"', 'ae_title = "A TITLE THAT IS FAR TOO LONG"', "receive.ae_title"),
        ('addresses = ["127.0.0.1"]', 'addresses = ["somewhere"]', "receive.peers.0.addresses"),
        ('kind = "dicom"  ', 'kind = "ftp"  ', "destinations.0"),
        ('[[receive.peers]]            # who may send: nobody else is heard. One table each\nae_title = "ORTHANC"',
         '[[receive.peers]]\nae_title = "OTHER"', "ORTHANC is not among receive.peers"),
        ("# [receive.tls]", '[receive.tls]\ncertificate = "no.pem"\nkey = "no.key"', "no.pem: certificate cannot be"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in example()
    with pytest.raises(ConfigInvalid, match=said):
        read_node_config(written(tmp_path, example().replace(before, after, 1)))


def test_a_login_in_an_address_is_refused(tmp_path: Path) -> None:
    web = '\n[[destinations]]\nkind = "dicomweb"\nname = "web"\nurl = "https://me:secret@archive.example/dicom-web"\n'
    with pytest.raises(ConfigInvalid, match="credentials_variable") as caught:
        read_node_config(written(tmp_path, example() + web))
    assert "secret" not in str(caught.value)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="--example"):
        read_node_config(tmp_path / "none.toml")
    with pytest.raises(ConfigInvalid, match="is no TOML"):
        read_node_config(written(tmp_path, "folder = "))
