"""Checks that prove, offline and on a part of the sample, that a model reads on, is judged and is kept."""

import contextlib
import io
from functools import cached_property
from pathlib import Path

import click
import numpy as np
import yaml

from ..project_base.checks import Check, CheckFailed, Outcome
from ..project_base.config import load_settings
from ..project_base.errors import UserError
from ..project_base.progress import Advance
from ..registry.commands import promote
from ..registry.registry import RefusedError, Registry
from .check import TOO_FEW_TOKENS
from .commands import check, evaluate, train
from .documents import Texts, check_enough, encode, read_texts, split
from .findings import check_texts
from .opening import new_model
from .results import Evaluation, read_evaluation
from .settings import ProjectSettings

SETTINGS = ProjectSettings
_SAMPLE = Path(__file__).parent / "sample"
_DOCUMENTS = 42
_GENERAL = 24
_QUICK: dict[str, dict[str, object]] = {
    "corpus": {"record_text": "text"},
    # Two ways to hide tokens instead of seven.
    "continued_pretraining": {"mask_share": 0.4, "block_tokens": 128, "passes": 2.0, "head_passes": 1.0},
    "labelled_data": {"seed": 0},
    "registry": {"keep": 0},
}


class _Interrupted(Exception):
    """Stands for what ends a training from outside."""


class SmokeProject:
    """A project of its own in a temporary folder; the model is the configured encoder, or the stand-in that writes.

    Args:
        settings: Of the project.
        folder: A new folder.
    """

    def __init__(self, settings: ProjectSettings, folder: Path) -> None:
        self.folder = folder
        self._given = settings

    @cached_property
    def config(self) -> Path:
        """Its config.yaml, with a part of the sample beside it."""
        document = self._given.model_dump(mode="json")
        own = {"domain": ("domain/reports.jsonl", _DOCUMENTS), "general": ("general/everyday.jsonl", _GENERAL)}
        for name, (sample, count) in own.items():
            (self.folder / name).mkdir(parents=True)
            lines = (_SAMPLE / sample).read_text(encoding="utf-8").splitlines(keepends=True)
            (self.folder / name / "texts.jsonl").write_text("".join(lines[:count]), encoding="utf-8")
        for section, keys in _QUICK.items():
            document[section] |= keys
        document["corpus"] |= {"folder": str(self.folder / "domain")}
        document["continued_pretraining"] |= {
            "general": str(self.folder / "general"),
            "runs_folder": str(self.folder / "runs"),
        }
        document["registry"]["folder"] = str(self.folder / "models")
        document["generators"] |= {"model": "stand_in", "stand_in_folder": str(self.folder / "stand_in")}
        document["training"] |= {"processes": 1, "validate_every": 1.0}
        file = self.folder / "config.yaml"
        file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return file

    @cached_property
    def settings(self) -> ProjectSettings:
        """As the commands read them."""
        return load_settings(self.config, ProjectSettings)

    @cached_property
    def texts(self) -> Texts:
        """The part of the sample, split."""
        return read_texts(self.settings)

    @property
    def registry(self) -> Registry:
        """Where its versions stand."""
        return Registry(self.folder / "models")

    def run(self, command: click.Command, *arguments: str) -> str:
        """Runs a command; what it writes to standard output.

        Raises:
            UserError: As the command.
        """
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            command.main([*arguments, "--config", str(self.config)], standalone_mode=False)
        return out.getvalue()


def checks(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The checks of this room, in order: each goes on with what those before it left.

    Args:
        settings: The project's settings.
        workdir: An empty folder for all that is written.
    """
    project = SmokeProject(settings, workdir / "pretraining-sample")
    found = [
        Check("near repeats of a document stay on its side of the split", lambda: _split(project)),
        Check("too little text is advised against", lambda: _advised(project)),
        Check("training goes on after an interruption, and gains on held-out text", lambda: _read_on(project)),
        Check("a version that nobody judged is refused, a judged one goes by its figures", lambda: _gated(project)),
        Check("the version is a model that other projects can name", lambda: _named(project)),
    ]
    if Path(settings.corpus.folder).resolve() != (_SAMPLE / "domain").resolve():
        found.append(Check("the configured text can be read and split", lambda: _own(settings)))
    return found


def _split(project: SmokeProject) -> Outcome:
    texts = list(project.texts.texts)
    near = [type(text)(f"{text.place} again", f"{text.text} So it was.", text.kind) for text in texts[:20]]
    both = split([*texts, *near], project.settings)
    side = {text.place: found for text, found in zip(both.texts, both.sides, strict=True)}
    apart = [text.place for text in texts[:20] if side[text.place] != side[f"{text.place} again"]]
    if apart:
        raise CheckFailed(f"{len(apart)} of 20 near repeats stand on another side than their document")
    counts = {name: len(project.texts.of("domain", name)) for name in ("train", "validation", "held_out")}
    return Outcome(f"20 near repeats stand beside their documents; {counts}")


def _advised(project: SmokeProject) -> Outcome:
    try:
        project.run(check)
    except UserError as error:
        if TOO_FEW_TOKENS in error.next_step and "advises against" in error.message:
            return Outcome(f"{error.message.partition(', and gains')[0]}")
        raise
    if project.settings.continued_pretraining.least_tokens > _DOCUMENTS * 1000:
        raise CheckFailed(f"{_DOCUMENTS} short documents passed as enough text")
    return Outcome("continued_pretraining.least_tokens was lowered so far that the sample passes")


def _read_on(project: SmokeProject) -> Outcome:
    with contextlib.suppress(_Interrupted):
        _begin(project)
    standing = sorted(project.folder.glob("runs/training/*/checkpoints/*/checkpoint-*"))
    if project.registry.versions() or not standing:
        raise CheckFailed("the training was interrupted, and left a version or no checkpoint")
    version = project.run(train, "--despite", TOO_FEW_TOKENS).strip()
    project.run(evaluate, version)
    found = _evaluation(project, version)
    if not found.domain.ratio < 1:
        raise CheckFailed(f"held-out text of the domain became no less surprising: {found.domain.ratio:.3f} times")
    about = project.registry.find(version).about
    training = about.get("training")
    speed = training.get("tokens_per_second") if isinstance(training, dict) else None
    return Outcome(
        f"perplexity on the domain {found.domain.ratio:.3f} times that of before, on general text "
        f"{found.general.ratio:.3f} times" + (f" ({found.notice})" if found.notice else ""),
        {"tokens_per_second": float(speed)} if isinstance(speed, float) else {},
    )


def _gated(project: SmokeProject) -> Outcome:
    version = project.registry.versions()[-1]
    file = project.folder / "runs" / "evaluation" / f"{version.id}.json"
    aside = file.rename(file.with_suffix(".aside"))
    try:
        project.run(promote, version.id)
    except RefusedError:
        aside.rename(file)
    else:
        raise CheckFailed("a version without an evaluation was put in service")
    try:
        project.run(promote, version.id)
    except RefusedError as error:
        return Outcome(f"without an evaluation it is refused, and with it: {error.message}")
    return Outcome("without an evaluation it is refused, and with it put in service")


def _named(project: SmokeProject) -> Outcome:
    from ..generators.bases import base_at  # noqa: PLC0415 -- heavy

    folder = project.registry.versions()[-1].path
    unsafe = [path.name for path in folder.rglob("*") if path.suffix in {".bin", ".pt", ".pkl", ".pickle", ".joblib"}]
    if unsafe:
        raise CheckFailed(f"the version holds files that can run code: {', '.join(unsafe)}")
    if project.settings.continued_pretraining.objective == "causal":
        return Outcome(f"generators.model can name {folder.name}, digest {base_at(str(folder)).digest[:12]}")
    from ..embedding.sentence import SentenceEmbedder  # noqa: PLC0415 -- heavy

    embedding = project.settings.embedding.model_copy(update={"backend": "torch"})
    texts = [text.text for text in project.texts.texts[:3]]
    before = SentenceEmbedder(embedding).encode_passages(texts)
    after = SentenceEmbedder(embedding.model_copy(update={"model": str(folder)})).encode_passages(texts)
    if before.shape != after.shape or np.allclose(before, after):
        raise CheckFailed("named as embedding.model, the version gives the vectors of its base")
    cosine = float((before * after).sum(axis=1).mean())
    return Outcome(f"embedding.model can name it; cosine of its vectors to those of before {cosine:.3f}")


def _own(settings: ProjectSettings) -> Outcome:
    texts = read_texts(settings)
    check_enough(texts)
    return Outcome(f"{len(texts.texts)} documents")


def _evaluation(project: SmokeProject, version: str) -> Evaluation:
    found = read_evaluation(project.folder / "runs", version)
    if found is None:
        raise CheckFailed(f"{version} was evaluated, and no evaluation stands")
    return found


def _begin(project: SmokeProject) -> None:
    """Trains until the second pass begins, and ends there."""
    from .fitting import Work  # noqa: PLC0415 -- heavy
    from .keeping import train_and_keep  # noqa: PLC0415 -- heavy

    passes = 0

    def interrupting(label: str, _steps: int) -> Advance:
        nonlocal passes
        passes += label.startswith("training")
        if passes > 1:
            raise _Interrupted
        return lambda _: None

    texts = project.texts
    model = new_model(project.settings, [*texts.of("domain", "train"), *texts.of("general", "train")])
    encoded = encode(model, texts)
    work = Work(project.settings, project.folder / "runs" / "training", interrupting)
    found = check_texts(encoded, model, project.settings)
    train_and_keep(model, encoded, found, work, [TOO_FEW_TOKENS])
