"""Opens the model that reads on, as the settings or a version's description name it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..encoders.base import About
from ..encoders.source import BaseIdentity, find_source, same_source
from ..generators.bases import base_at, find_base, find_base_again
from ..labelled_data.base import Example, Turn
from ..project_base.errors import UserError
from ..registry.model_folder import ModelFolder
from .base import Text
from .settings import ProjectSettings

if TYPE_CHECKING:
    from .causal import CausalModel
    from .masked import MaskedModel

ENCODER = "pretrained_encoder"
WRITER = "pretrained_writer"


class Judging(About):
    """What decides which tokens of a document are judged, and in which company."""

    mask_share: float
    window: int
    seed: int


def new_model(settings: ProjectSettings, texts: Sequence[Text]) -> "MaskedModel | CausalModel":
    """The model that the settings name, before it reads on.

    Args:
        settings: Of the project.
        texts: Those that are trained on; the tokenizer of the stand-in is made of them, other models leave them unread.

    Raises:
        UserError: It is nowhere to be found, cannot be loaded, or is of a kind that cannot read on.
        OSError: The stand-in cannot be written.
    """
    given = settings.continued_pretraining
    if given.objective == "masked":
        from .masked import AFTER, HEAD_FOLDER, MaskedModel  # noqa: PLC0415 -- heavy

        source = find_source(settings.embedding)
        # Of a version of this room that is to read on once more.
        kept = Path(source.place) / HEAD_FOLDER / f"{AFTER}.safetensors"
        seed = settings.labelled_data.seed
        return MaskedModel(source, given.mask_share, given.block_tokens, seed, kept if kept.is_file() else None)
    from .causal import CausalModel  # noqa: PLC0415 -- heavy

    examples = [Example(text.text, "", text.place, turns=(Turn("user", text.text),)) for text in texts]
    base = find_base(settings.generators, examples, settings.labelled_data.seed)
    return CausalModel(base, settings.generators, given.block_tokens)


def open_before(version: ModelFolder, settings: ProjectSettings) -> "MaskedModel | CausalModel":
    """The model that a version was made from.

    Raises:
        UserError: It is gone, or another one stands in its place.
    """
    about = version.about
    if version.kind == ENCODER:
        from .masked import BEFORE, HEAD_FOLDER, MaskedModel  # noqa: PLC0415 -- heavy

        source = same_source(BaseIdentity.read(_part(about, "base"), version.path), settings.embedding)
        head = version.path / HEAD_FOLDER / f"{BEFORE}.safetensors"
        if not head.is_file():
            own = Path(source.place) / HEAD_FOLDER / "after.safetensors"
            head = own if own.is_file() else head
        return MaskedModel(source, *_judging(about), head if head.is_file() else None)
    from .causal import CausalModel  # noqa: PLC0415 -- heavy

    base = find_base_again(_part(about, "base"), settings.generators)
    return CausalModel(base, settings.generators, _judging(about)[1])


def open_after(
    version: ModelFolder, settings: ProjectSettings, beside: ModelFolder | None = None
) -> "MaskedModel | CausalModel":
    """A version's own model.

    Args:
        version: Its folder.
        settings: Of the project.
        beside: A version of the same base, by whose tokens this one is to be judged; None takes its own.

    Raises:
        UserError: It cannot be loaded.
    """
    judging = _judging((beside or version).about)
    if version.kind == ENCODER:
        from .masked import AFTER, HEAD_FOLDER, MaskedModel  # noqa: PLC0415 -- heavy

        source = find_source(settings.embedding.model_copy(update={"model": str(version.path)}))
        return MaskedModel(source, *judging, version.path / HEAD_FOLDER / f"{AFTER}.safetensors")
    from .causal import CausalModel  # noqa: PLC0415 -- heavy

    return CausalModel(base_at(str(version.path)), settings.generators, judging[1])


def _judging(about: Mapping[str, object]) -> tuple[float, int, int]:
    """Share of hidden tokens, window and seed: what decides which tokens are judged, as it was at the training."""
    told = Judging.read(_part(about, "judging"), Path())
    return told.mask_share, told.window, told.seed


def _part(about: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = about.get(name)
    if not isinstance(found, Mapping):
        raise UserError(
            f"this version does not say what it was made of ({name})", "take another version, or train it again"
        )
    return found
