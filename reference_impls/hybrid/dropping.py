"""Writes the settings with which one half goes on alone, and says what else changes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from ..fine_tuning.settings import ProjectSettings as FineTuningProject
from ..project_base.config import parse_mapping
from ..project_base.errors import UserError
from ..project_base.files import write_text
from ..project_base.rooms import command_line
from ..rag.settings import ProjectSettings as RagProject
from .patterns import PATTERNS
from .settings import ProjectSettings
from .tuned_retriever.embedders import recorded_base

Half = Literal["rag", "fine_tuning"]
_GOES_ON: Final[dict[Half, tuple[str, ...]]] = {
    "rag": ("rag index", "rag ask QUESTION", "rag evaluate", "rag serve"),
    "fine_tuning": (
        "fine_tuning ladder",
        "fine_tuning evaluate",
        "fine_tuning predict --text TEXT",
        "fine_tuning serve",
    ),
}


@dataclass(frozen=True)
class Dropped:
    """What `drop` wrote and what is left to do.

    Attributes:
        file: The settings of the half that stays.
        sections: The sections that are not in it any more.
        steps: What to do, in order.
    """

    file: Path
    sections: tuple[str, ...]
    steps: tuple[str, ...]


def drop(config: Path, settings: ProjectSettings, keep: Half, out: Path) -> Dropped:
    """Writes the settings of one half; nothing that exists is changed.

    Args:
        config: The project's settings file, whose values are taken as they stand there.
        settings: The same, read.
        keep: The half that stays.
        out: The file to write.

    Raises:
        UserError: The file stands already.
        OSError: It cannot be written.
    """
    if out.exists():
        raise UserError(f"{out} stands already", "give another name with --out, or remove it")
    if out.absolute().parent != config.absolute().parent:
        raise UserError(
            f"{out} lies in another folder than {config}, from which its paths count", "choose a name beside it"
        )
    document: dict[str, Any] = dict(parse_mapping(config.read_text(encoding="utf-8-sig"), config))
    project = RagProject if keep == "rag" else FineTuningProject
    kept = {name: section for name, section in document.items() if name in project.model_fields}
    if settings.hybrid.pattern == "tuned_retriever" and (base := recorded_base(settings.embedding.model)):
        # What is dropped must not be needed by what stays.
        kept["embedding"] = {**kept.get("embedding", {}), "model": base.name}
    gone = tuple(name for name in document if name not in kept)
    head = f"# One half of {config.name} alone: {keep}. Left out: {', '.join(gone)}.\n"
    write_text(out, head + yaml.safe_dump(kept, sort_keys=False, allow_unicode=True))
    commands = [f"{command_line(each)} --config {out.name}" for each in _GOES_ON[keep]]
    return Dropped(out, gone, (PATTERNS[settings.hybrid.pattern].dropping, *_left(settings, keep), *commands))


def _left(settings: ProjectSettings, keep: Half) -> list[str]:
    """What stays behind on the disk, for whoever wants it gone."""
    if keep == "rag":
        return [f"models and runs may be deleted: {settings.registry.folder}, {settings.fine_tuning.runs_folder}"]
    return [f"the index may be deleted: {settings.retrieval.index_folder}"]
