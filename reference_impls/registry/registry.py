"""Versions of a model on disk: one of them is in service, and one rename puts another in its place.

A folder looks like this; whoever reads it needs no lock, since every entry appears and goes by one rename:

    models/
      champion.json      which version is in service, and every change before
      0001-word_counts/  a model folder, and version.json
      0002-lora/
"""

import difflib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from .champion import add_event, mend_champion, read_champion
from .lock import WAIT_SECONDS, only_one
from .model_folder import ModelFolder, Verify, name_place, open_model
from .records import CHAMPION, ChampionRecord, Event, VersionRecord, now
from .shelf import LOCK, next_id, number_of, place, remove_leftovers, thin_out, version_folders
from .version import Version, damage_of, model_digest, open_version, version_of

__all__ = ["Event", "Gate", "RefusedError", "Registry", "Version"]

Gate = Callable[[Version, Version | None], str | None]
"""Judges a promotion: given the candidate and the version in service, why it is refused, or None where it is not."""


class RefusedError(UserError):
    """The gate refused a promotion; forcing it is possible and leaves a trace."""


class Registry:
    """The versions in one folder. Reading never waits and never writes; writing waits for other writers."""

    def __init__(
        self,
        folder: Path,
        keep: int = 0,
        *,
        wait_seconds: float = WAIT_SECONDS,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        """Opens a registry; the folder is made by the first `add`.

        Args:
            folder: Where the versions stand.
            keep: How many are kept at most, 0 for all; the version in service and the one before it always stay.
            wait_seconds: How long writing waits for another process.
            tell: Hears what whoever watches should know, in one line each.
        """
        self.folder = folder
        self._keep = keep
        self._wait = wait_seconds
        self._tell = tell

    def add(self, source: ModelFolder | Path, about: Mapping[str, object], *, move: bool = False) -> str:
        """Takes a model folder in as a new version, which is not in service yet.

        Args:
            source: The model folder.
            about: What is told of the version, as JSON values. `models` shows `task` and `score`.
            move: Moves the folder where it is on the same disk, instead of copying its files.

        Returns:
            The id of the version.

        Raises:
            UserError: The source is no whole model, or another process is busy.
            OSError: No permission or no space; nothing of it is left then.
        """
        told = json.loads(json.dumps(dict(about), allow_nan=False))
        model = open_model(source.path if isinstance(source, ModelFolder) else source, verify="size")
        version_folders(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._writing():
            record = VersionRecord(added=now(), model_sha256=model_digest(model.path), about=told)
            target = self.folder / next_id(self.folder, model.kind, self._known())
            place(model, target, record, move=move)
            self._thin_out(target.name)
        return target.name

    def versions(self) -> list[Version]:
        """All versions, oldest first; a damaged one says so, as far as names and sizes tell."""
        found = [version_of(path) for path in version_folders(self.folder)]
        # One that another process removed meanwhile is not damaged, it is gone.
        return [version for version in found if not version.damage or version.path.is_dir()]

    def find(self, version: str) -> Version:
        """The version of an id, or of its number alone.

        Raises:
            UserError: There is none.
        """
        folders = version_folders(self.folder)
        for path in folders:
            if version == path.name or (version.isdecimal() and int(version) == number_of(path.name)):
                return version_of(path)
        names = [path.name for path in folders]
        near = difflib.get_close_matches(version, names, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UserError(
            f"there is no version {version} in {self.folder}; the latest are: {', '.join(names[-8:]) or 'none'}{hint}",
            f"choose one of them: {command_line('models')}",
        )

    def open(self, version: str, verify: Verify = "hash") -> ModelFolder:
        """The model folder of a version.

        Raises:
            UserError: There is no such version, or it is damaged.
        """
        return open_version(self.find(version).path, verify)

    def in_service(self) -> Event | None:
        """The last change of the version in service, or None before the first; cheap enough to ask every second.

        Raises:
            UserError: champion.json is damaged.
        """
        record = read_champion(self.folder)
        return record.events[-1] if record else None

    def champion(self, verify: Verify = "hash") -> ModelFolder | None:
        """The model in service, or None before the first promotion; the name of its folder is the version.

        Raises:
            UserError: It is damaged; the message says how to return to the version before it.
        """
        event = self.in_service()
        while event is not None:
            try:
                return open_version(self.folder / event.version, verify, event.model_sha256)
            except UserError as error:
                before, event = event, self.in_service()
                if event == before:
                    raise UserError(
                        f"the version in service, {before.version}, is damaged: {error.message}",
                        f"return to the version before it: {command_line('rollback')}",
                    ) from error
        return None

    def promote(self, version: str, why: str = "", *, gate: Gate | None = None, force: bool = False) -> Event:
        """Puts a version in service by one rename, after reading all of its files.

        Args:
            version: Its id or number. Where it is in service already, nothing changes.
            why: Goes into the history.
            gate: May refuse.
            force: Overrules the gate, and sets a damaged champion.json aside; both leave a trace.

        Raises:
            RefusedError: The gate refuses.
            UserError: There is no such version, it is damaged, or another process is busy.
            OSError: No permission or no space; the version in service stays.
        """
        candidate = self.find(version)
        with self._writing():
            record = mend_champion(self.folder, self._tell) if force else read_champion(self.folder)
            open_version(candidate.path)
            if record and record.version == candidate.id:
                return record.events[-1]
            present = version_of(self.folder / record.version) if record else None
            refusal = gate(candidate, present) if gate else None
            if refusal and not force:
                raise RefusedError(
                    f"{candidate.id} is not put in service: {refusal}",
                    f"take another version, or overrule this: {command_line(f'promote {candidate.id} --force')}",
                )
            event = Event(
                action="promote",
                version=candidate.id,
                when=now(),
                why=why,
                model_sha256=model_digest(candidate.path),
                overruled=refusal or "",
            )
            return add_event(self.folder, record, event)

    def rollback(self, why: str = "") -> Event:
        """Returns to the last whole version before the one in service; `tell` hears of damaged ones in between.

        Raises:
            UserError: There is none, or another process is busy.
            OSError: No permission or no space; the version in service stays.
        """
        self._need_service(read_champion(self.folder))
        with self._writing():
            record = self._need_service(read_champion(self.folder))
            for former in record.before():
                if damage := damage_of(self.folder / former.version, former.model_sha256):
                    self._tell(f"{former.version} is passed over: {damage}")
                    continue
                event = former.model_copy(update={"action": "rollback", "when": now(), "why": why, "overruled": ""})
                return add_event(self.folder, record, event)
        raise UserError(
            f"no whole version was in service before {record.version}",
            f"put another one in service: {command_line('promote VERSION')}; {command_line('models')} lists them",
        )

    def history(self) -> list[Event]:
        """All changes of the version in service, oldest first.

        Raises:
            UserError: champion.json is damaged.
        """
        record = read_champion(self.folder)
        return list(record.events) if record else []

    def previous(self) -> str | None:
        """The version that `rollback` would return to, as far as names and sizes tell; None where there is none.

        Raises:
            UserError: champion.json is damaged.
        """
        record = read_champion(self.folder)
        former = [version_of(self.folder / event.version) for event in record.before()] if record else []
        return next((version.id for version in former if not version.damage), None)

    def verify(self) -> list[str]:
        """Reads every file of every version; one line for each damage, none where all is well."""
        damages = [(path.name, damage_of(path)) for path in version_folders(self.folder)]
        try:
            if event := self.in_service():
                damages.append((CHAMPION, damage_of(self.folder / event.version, event.model_sha256)))
        except UserError as error:
            damages.append((CHAMPION, error.message))
        return [f"{name}: {damage}" for name, damage in damages if damage]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with only_one(self.folder / LOCK, f"writing into {self.folder}", self._wait, self._tell):
            remove_leftovers(self.folder)
            try:
                yield
            except OSError as error:
                name_place(error, self.folder)
                raise

    def _thin_out(self, added: str) -> None:
        if not self._keep:
            return
        try:
            present = self.in_service()
            needed = {added, self.previous() or "", present.version if present else ""}
        except UserError as error:
            self._tell(f"no version is removed: {error.message}")
            return
        for failure in thin_out(self.folder, self._keep, needed):
            self._tell(f"{failure.filename} cannot be removed: {failure.strerror}")

    def _known(self) -> list[str]:
        try:
            return [event.version for event in self.history()]
        except UserError:
            return []

    def _need_service(self, record: ChampionRecord | None) -> ChampionRecord:
        if record is None:
            raise UserError(
                f"no version of {self.folder} is in service yet",
                f"put one in service: {command_line('promote VERSION')}; {command_line('models')} lists them",
            )
        return record
