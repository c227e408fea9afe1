"""Which embedder is meant: the untuned one, a version of the registry, and the index that goes with each."""

from collections.abc import Callable
from pathlib import Path

from ...embedding.base import Embedder
from ...embedding.load import load_embedder
from ...encoders.source import BaseIdentity, same_source
from ...project_base.errors import UserError
from ...project_base.progress import Progress, silent
from ...project_base.rooms import command_line
from ...rag.indexing import update_index
from ...registry.model_folder import open_model
from ...registry.registry import Registry
from ...registry.version import Version
from ...retrieval.manifest import read_manifest
from ..settings import ProjectSettings

KIND = "tuned_embedder"
FOLDER = "encoder"
"""Folder of the embedder within a version; `embedding.model` names it."""


def made_by_retriever(version: Version) -> bool:
    """Whether a version is a tuned embedder."""
    return version.kind == KIND


def encoder_of(version: Path) -> str:
    """What `embedding.model` has to name, so that a version embeds."""
    return str(version / FOLDER)


def recorded_base(model: str) -> BaseIdentity | None:
    """The embedder that `embedding.model` was tuned from; None where it names none of ours.

    Raises:
        UserError: The version is damaged.
    """
    folder = Path(model)
    if folder.name != FOLDER or not (folder.parent / "model.json").is_file():
        return None
    about = open_model(folder.parent, "size").about
    return BaseIdentity.model_validate(about["base"]) if "base" in about else None


def untuned(settings: ProjectSettings, recorded: BaseIdentity | None = None) -> ProjectSettings:
    """The settings with the embedder that is tuned, also where `embedding.model` names a tuned one already.

    Args:
        settings: Of the project.
        recorded: The embedder that a version was tuned from, where it must be that one.

    Raises:
        UserError: It is gone, or another one stands in its place.
    """
    base = recorded_base(settings.embedding.model)
    given = settings if base is None else _with_model(settings, base.name)
    if recorded is not None:
        source = same_source(recorded, given.embedding)
        given = _with_model(given, source.identity.name)
    return given


def of_version(settings: ProjectSettings, version: Version) -> ProjectSettings:
    """The settings with the embedder of a version."""
    given = settings.embedding.model
    own = Path(encoder_of(version.path))
    # The same folder under another name would count as another embedder.
    return settings if Path(given).resolve() == own.resolve() else _with_model(settings, str(own))


def version_in_service(settings: ProjectSettings) -> Version:
    """The version that answers, which `embedding.model` must name: index, watch and serve then embed alike.

    Raises:
        UserError: None is in service, or the project embeds with another model.
    """
    registry = Registry(Path(settings.registry.folder))
    event = registry.in_service()
    if event is None:
        raise UserError(
            f"no version of {registry.folder} is in service yet",
            f"name one with --version, or put one in service: {command_line('promote VERSION')}",
        )
    version = registry.find(event.version)
    registry.open(version.id)
    if version.kind != KIND:
        raise UserError(
            f"{version.id} is in service, and it is no embedder but a {version.kind}",
            f"put a version of the tuned retriever in service: {command_line('models')} lists them",
        )
    if Path(settings.embedding.model).resolve() != Path(encoder_of(version.path)).resolve():
        raise UserError(
            f"{version.id} is in service, and embedding.model is {settings.embedding.model}: questions and documents "
            "must be embedded by one model",
            f"set embedding.model: {encoder_of(version.path)}, then build the index anew: {command_line('index')}",
        )
    return version


def indexed(
    settings: ProjectSettings, name: str, tell: Callable[[str], object], progress: Progress = silent
) -> tuple[ProjectSettings, Embedder]:
    """The settings with an up-to-date index of their embedder, and the embedder.

    The project's own index is taken where it is of this embedder. Else one is kept beside the results, so that two
    embedders can be compared while the project's own index goes on answering.

    Args:
        settings: Name the embedder.
        name: Of the index beside the results.
        tell: Hears what takes long.
        progress: Opens bars.

    Raises:
        UserError: The embedder is gone, or there are no documents.
        OSError: The index cannot be written.
    """
    embedder = load_embedder(settings.embedding, tell)
    own = read_manifest(Path(settings.retrieval.index_folder))
    if own is None or own.embedder != embedder.id:
        folder = str(Path(settings.hybrid.results_folder) / f"index-{name}")
        retrieval = settings.retrieval.model_copy(update={"index_folder": folder})
        settings = settings.model_copy(update={"retrieval": retrieval})
        tell(f"the index of {name} is brought up to date in {folder}")
    update_index(settings.rag_project(), embedder, progress=progress)
    return settings, embedder


def _with_model(settings: ProjectSettings, model: str) -> ProjectSettings:
    embedding = settings.embedding.model_copy(update={"model": model})
    return settings.model_copy(update={"embedding": embedding})
