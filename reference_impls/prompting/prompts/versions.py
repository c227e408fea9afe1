"""The versions of prompts that were tried: each is kept, and a changed file must take a number of its own."""

from pathlib import Path

from ...project_base.errors import UserError
from ...project_base.files import sha256_of, write_bytes
from .prompt_file import PromptFile

_FOLDER = "prompts"


def kept_path(runs_folder: Path, prompt: PromptFile) -> Path:
    """Where the copy of a version stands."""
    return runs_folder / _FOLDER / f"{prompt.name}@{prompt.version}.md"


def keep_version(runs_folder: Path, prompt: PromptFile) -> Path:
    """Keeps a copy of a prompt, so that its results can always be read beside its words.

    Raises:
        UserError: A file of the same name and version, with other contents, was tried before.
        OSError: It cannot be written.
    """
    kept = kept_path(runs_folder, prompt)
    if kept.exists():
        if sha256_of(kept) != prompt.sha256:
            raise UserError(
                f"{prompt.path} has changed since {prompt.label} was tried ({kept} is how it was)",
                f"a changed file is a new version: set version: {_next_version(kept, prompt)} in its head",
            )
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(kept, prompt.path.read_bytes())
    return kept


def _next_version(kept: Path, prompt: PromptFile) -> int:
    numbers = [file.stem.rpartition("@")[2] for file in kept.parent.glob(f"{prompt.name}@*.md")]
    return max(int(number) for number in numbers if number.isdecimal()) + 1
