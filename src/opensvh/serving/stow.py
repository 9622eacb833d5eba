"""Results to a server by STOW-RS (PS3.18, 10.5), one object a request."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import requests
from pydicom import dcmread

from opensvh.serving.dicomweb import session_for, web_client, web_problem
from opensvh.serving.node_config import WebDestination
from opensvh.serving.result_files import ResultFile
from opensvh.serving.sender import SendFailed


class StowSender:
    """Sends to one server; a login is read from the environment when it is made."""

    def __init__(self, destination: WebDestination) -> None:
        self._destination = destination
        self._session = session_for(destination.credentials_variable, destination.authority)

    @cached_property
    def _client(self) -> Any:
        return web_client(self._destination.url, self._session, self._destination.timeout_s)

    def send(self, files: Sequence[ResultFile]) -> None:
        """Store every object; raises SendFailed. What is there already is taken again by the same UID."""
        for each in files:
            try:
                answer = self._client.store_instances([dcmread(each.path)])
            except requests.RequestException as error:
                raise SendFailed(f"{each.kind} not taken by {self._destination.name} ({web_problem(error)})") from error
            for item in answer.get("FailedSOPSequence") or []:
                reason = int(item.get("FailureReason", 0))
                raise SendFailed(f"{each.kind} not taken by {self._destination.name} (reason {reason:04X}H)")
