"""Projects with hand-made models in service, to be asked and compared."""

from collections.abc import Mapping
from pathlib import Path

from ...project_base.config import load_settings
from ...registry.registry import Registry
from ..answering.answering_rules import Rules, keep_rules
from ..settings import ProjectSettings
from .hand_made import keywords, model_folder
from .projects import config

LABELS = ("fruit", "tool")
WORDS = {"apple": "fruit", "pear": "fruit", "plum": "fruit", "hammer": "tool", "saw": "tool", "drill": "tool"}


def add_version(
    folder: Path, words: Mapping[str, str] = WORDS, *, promote: bool = True, rules: Rules | None = None, **about: object
) -> str:
    """Adds a version that goes by single words to the project in a folder, and puts it in service."""
    registry = Registry(folder / "models")
    number = len(registry.versions())
    made = model_folder(folder / f"made-{number}", keywords(words, LABELS), number=number)
    version = registry.add(made, {"task": "classification", "metric": "accuracy", **about})
    if rules is not None:
        keep_rules(folder / "models" / version, rules)
    if promote:
        registry.promote(version)
    return version


def settings_in(folder: Path, **changes: object) -> ProjectSettings:
    """The settings of the project in a folder."""
    return load_settings(config(folder, **changes), ProjectSettings)
