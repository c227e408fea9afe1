"""Exports a model of the project: its folder, the card and the figures beside it, and a version of the registry."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...compression.results import Compressed
from ...project_base.errors import UserError
from ...project_base.files import write_bytes, write_text
from ...project_base.progress import Progress
from ...registry.evaluations import evaluation_file
from ...registry.model_folder import ModelFolder, open_model
from ...registry.registry import Registry
from ..answering.answering import Tell, find_model
from ..answering.answering_rules import ANSWERING, keep_rules, read_rules
from ..held_out.seen import SEEN
from ..ladder.data import read_data
from ..settings import ProjectSettings, Settings
from .exporting import LEFT_BEHIND, As, Order, chosen, export

FIGURES = "export.json"
CARD = "CARD.md"


@dataclass(frozen=True)
class Exported:
    """What was made.

    Attributes:
        folder: The model.
        result: What was measured; None where it is the same model in another place.
        version: Its id in the registry; empty where it was not registered.
    """

    folder: ModelFolder
    result: Compressed | None
    version: str = ""


def export_model(
    settings: ProjectSettings,
    wanted: str,
    exported_as: As,
    target: Path | None,
    default: Path,
    progress: Progress,
    tell: Tell,
    *,
    despite_loss: bool,
    register: bool,
) -> Exported:
    """Exports a model.

    Args:
        settings: Of the project.
        wanted: A version or a folder; empty for the version in service.
        exported_as: What is made.
        target: The new folder; None makes one below `default`, in the place of a former one.
        default: The folder of exports.
        progress: Opens bars.
        tell: Hears what takes long and what has to be known.
        despite_loss: Whether a loss beyond `compression.most_loss` is taken.
        register: Whether the new model becomes a version of the registry.

    Raises:
        UserError: The model or the data cannot be used, the folder is taken, or the loss is too large.
        OSError: Something cannot be written.
    """
    folder, name = find_model(settings, wanted)
    place = target or default / f"{Path(name).name}-{exported_as}"
    _check_target(place, replaces=target is None)
    data = read_data(settings)
    order = Order(settings, folder, name, data, exported_as, place, target is None, despite_loss, progress, tell)
    made, result = export(order)
    _carry_over(folder.path, made.path)
    _describe(settings, name, made, result)
    if not register:
        return Exported(made, result)
    registry = Registry(Path(settings.registry.folder), settings.registry.keep, tell=tell)
    told = registry.find(name).about if (registry.folder / name) == folder.path else folder.about
    version = registry.add(made, registered_about(order, told, result))
    _carry_over(folder.path, registry.folder / version)
    return Exported(made, result, version)


def configured(settings: Settings, tell: Tell = lambda _: None) -> As:
    """What `fine_tuning.compress` makes of a model.

    Args:
        settings: Of the ladder.
        tell: Hears where something else is made of it.
    """
    if settings.compress == "none":
        return "merged"
    if settings.compress == "distilled" and settings.task == "extraction":
        tell("only classifiers can be distilled, so the model is pruned, which also trains what is left")
        return "pruned"
    return settings.compress


def registered_about(order: Order, parent: Mapping[str, object], result: Compressed | None) -> dict[str, object]:
    """What the registry tells of an exported model: what it tells of the one that it was made of, and the loss.

    The score stays that of the other one, by its validation examples: what test rows say would not compare with it.
    Where more was lost than is allowed there is none, before `evaluate` says what the model is worth.

    Args:
        order: What was made, and of what.
        parent: What the registry, or its folder, tells of that one.
        result: What was measured.
    """
    about: dict[str, object] = {key: value for key, value in parent.items() if key not in LEFT_BEHIND}
    about |= {"made_of": order.name, "exported_as": order.exported_as}
    form = chosen(result) if result else None
    if form is None or not form.differences:
        return about
    if form.within == "beyond":
        about = {key: value for key, value in about.items() if key not in {"score", "interval"}}
    return about | {"loss": [difference.model_dump(mode="json") for difference in form.differences]}


def _check_target(target: Path, *, replaces: bool) -> None:
    if not target.exists():
        return
    if not replaces:
        raise UserError(f"{target} stands already", "choose another --to, or move it away")
    # Only a model of this project gives way to another one.
    open_model(target, "none")


def _carry_over(source: Path, target: Path) -> None:
    """What `evaluate` has left beside a model: how its probabilities are read, and what it was trained on."""
    if (source / ANSWERING).exists() and (rules := read_rules(source)) is not None:
        keep_rules(target, rules)
    if (source / SEEN).exists():
        write_bytes(target / SEEN, (source / SEEN).read_bytes())


def _describe(settings: ProjectSettings, name: str, made: ModelFolder, result: Compressed | None) -> None:
    """Writes the figures and the card of the model that it was made of into the new folder."""
    if result is not None:
        write_text(made.path / FIGURES, result.to_json())
    card = evaluation_file(Path(settings.fine_tuning.runs_folder), name).with_suffix(".md")
    if card.is_file():
        note = (
            f"> This model was exported from {name}, which is described below. What that cost stands in {FIGURES}.\n\n"
        )
        write_text(made.path / CARD, note + card.read_text(encoding="utf-8"))
