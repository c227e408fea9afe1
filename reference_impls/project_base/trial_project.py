"""A project in a temporary folder, apart from that of the owner: what smoke checks try the commands on."""

import contextlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel

from .checks import CheckFailed
from .cli import RoomCommands
from .terminal import last_words

Changes = Mapping[str, Mapping[str, object]]
"""Keys of config.yaml by section, with what they become."""


@dataclass(frozen=True)
class Said:
    """What a command said.

    Attributes:
        code: Its exit code.
        out: Standard output.
        err: Standard error.
    """

    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        """The message of the error in one line, or all that was said of it."""
        _, found, message = self.err.partition("error: ")
        return " ".join(message.partition("\nnext: ")[0].split()) if found else last_words(self.err, 500)


class TrialProject:
    """Runs the commands of a room with a config.yaml in a folder.

    Args:
        room: Whose commands come first.
        settings: Of the owner.
        folder: A new folder, which is made with the first configuration.
    """

    def __init__(self, room: str, settings: BaseModel, folder: Path) -> None:
        self.folder = folder
        self._room = room
        self._owner = settings

    @property
    def config(self) -> Path:
        """The config.yaml that commands take where they are given no other."""
        return self.folder / "config.yaml"

    def write(self, name: str, *changes: Changes) -> Path:
        """Writes a configuration: the settings of the owner with some keys changed, later changes over earlier ones."""
        document = self._owner.model_dump(mode="json")
        for part in changes:
            for section, keys in part.items():
                document[section] |= dict(keys)
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / name
        file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return file

    def run(self, *words: str, config: Path | None = None) -> Said:
        """Runs a command as the terminal would."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            arguments = [*words, "--config", str(config or self.config)]
            code = RoomCommands("smoke", self._room).main(arguments, prog_name="smoke", standalone_mode=False)
        return Said(int(code or 0), out.getvalue(), err.getvalue())

    def asked(self, *words: str, config: Path | None = None) -> Said:
        """The same, of a command that has to succeed.

        Raises:
            CheckFailed: It did not.
        """
        said = self.run(*words, config=config)
        if said.code:
            raise CheckFailed(f"{words[0]} failed: {said.told}")
        return said

    def refused(self, *words: str, saying: str, config: Path | None = None) -> Said:
        """The same, of a command that has to be refused with these words in its message.

        Raises:
            CheckFailed: It succeeded, or failed otherwise.
        """
        said = self.run(*words, config=config)
        if not said.code or saying not in said.err:
            raise CheckFailed(f"{words[0]} was not refused with '{saying}': {said.told or said.out}")
        return said
