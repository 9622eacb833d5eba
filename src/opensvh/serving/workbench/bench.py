"""What every address of the API works with: the settings, the database, the films and the model, in one object."""

from dataclasses import dataclass

from opensvh.serving.workbench.assistant import Assistant
from opensvh.serving.workbench.film_library import FilmLibrary
from opensvh.serving.workbench.group_commit import GroupCommit
from opensvh.serving.workbench.provider import Provider
from opensvh.serving.workbench.saving import Saving, Standing
from opensvh.serving.workbench.settings import Settings
from opensvh.serving.workbench.store import Store


@dataclass(frozen=True)
class Workbench:
    """One running workbench; `scores` takes what readers save, `provider` vouches for people."""

    settings: Settings
    store: Store
    library: FilmLibrary
    assistant: Assistant
    scores: GroupCommit[Saving, Standing]
    provider: Provider | None

    def link(self, token: str) -> str:
        """A one-time link; its token stands behind `#`, so that no log on the way ever has it."""
        return f"{self.settings.reached_at}/welcome#{token}"

    def close(self) -> None:
        """Stop the model's process and let go of the database."""
        self.scores.close()
        self.assistant.close()
        self.store.close()
