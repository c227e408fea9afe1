"""Judges a version by held-out documents: what it gained on the domain, and what it forgot."""

import gc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..evaluation.paired import Difference, compare
from ..generators.general import GENERAL_TEXTS
from ..project_base.errors import UserError
from ..project_base.progress import Progress, silent
from ..registry.model_folder import ModelFolder
from ..registry.registry import Registry
from ..registry.version import Version, model_digest
from .base import Kind, Losses
from .documents import FEWEST, Texts
from .intervals import change, perplexity, perplexity_interval
from .opening import ENCODER, open_after, open_before
from .results import Against, Change, Evaluation, NotCompared, told
from .seen import hash_of, read_seen
from .settings import ProjectSettings

if TYPE_CHECKING:
    from .causal import CausalModel
    from .masked import MaskedModel

_MASKED = (
    "pseudo-perplexity: each token is hidden once, among others of its document, and guessed from what is left "
    "(the exponential of the mean loss in nats)"
)
_CAUSAL = "perplexity: each token is foretold from those before it (the exponential of the mean loss in nats)"


def evaluate(
    candidate: Version,
    texts: Texts,
    settings: ProjectSettings,
    registry: Registry,
    progress: Progress = silent,
) -> Evaluation:
    """Judges a version.

    General text is the held-out part of the owner's, and a dozen everyday texts of many kinds that no project trains
    on. Documents that the version was trained on are left out.

    Raises:
        UserError: The version is damaged, its base is gone, or too few documents are left to judge by.
    """
    folder = registry.open(candidate.id)
    notes: list[str] = []
    judged = _judged(texts, folder, candidate, notes)
    measure = _MASKED if folder.kind == ENCODER else _CAUSAL
    before, found = _measured(lambda: open_before(folder, settings), judged, progress("before", _count(judged)))
    after, now = _measured(lambda: open_after(folder, settings), judged, progress("after", _count(judged)))
    training = told(folder.about, "training")
    if training.get("head_passes") is not None:
        notes.append(
            "the figures of before rest on a guessing layer that was fitted on the training text, since the encoder's "
            "files hold none; what was forgotten shows in the paraphrases rather than in the general text"
        )
    if training.get("head_stopped_early") is False:
        notes.append(
            "the guessing layer was still gaining when continued_pretraining.head_passes ended its training, so a part "
            "of the gain may be its own and not the encoder's"
        )
    if folder.about.get("data") != texts.digest:
        notes.append("the text has changed since the training")
    against = _against(candidate, texts, settings, registry, progress)
    if isinstance(against, NotCompared):
        notes.append(f"not compared with {against.version}, which is in service: {against.why}")
    return Evaluation(
        version=candidate.id,
        model_sha256=model_digest(candidate.path),
        when=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        objective="masked" if folder.kind == ENCODER else "causal",
        base=str(folder.about.get("base_name", "")),
        notice=str(folder.about.get("notice", "")),
        measure=measure,
        domain=_change("domain", before["domain"], after["domain"]),
        general=_change("general", before["general"], after["general"]),
        paraphrases=_paraphrases(now, found),
        against=against if isinstance(against, Against) else None,
        not_compared=against if isinstance(against, NotCompared) else None,
        notes=tuple(notes),
    )


Judged = dict[Kind, list[str]]


def _judged(texts: Texts, folder: ModelFolder, candidate: Version, notes: list[str]) -> Judged:
    seen = read_seen(folder.path)
    if seen is None:
        raise UserError(
            f"{candidate.id} does not tell what it was trained on, so nothing can judge it",
            "take a version that this project trained",
        )
    held = {kind: [text.text for text in texts.of(kind, "held_out")] for kind in ("domain", "general")}
    kept: Judged = {
        "domain": [text for text in held["domain"] if hash_of(text) not in seen],
        "general": [text for text in (*held["general"], *GENERAL_TEXTS) if hash_of(text) not in seen],
    }
    gone = len(held["domain"]) - len(kept["domain"])
    if gone:
        notes.append(f"{gone} held-out documents were left out, since the version was trained on them")
    if len(kept["domain"]) < FEWEST or not kept["general"]:
        raise UserError(
            f"{len(kept['domain'])} held-out documents of the domain and {len(kept['general'])} general ones are left "
            f"to judge {candidate.id} by, where at least {FEWEST} and 1 are needed",
            "add new documents, or take a version that was trained with the present split",
        )
    if not held["general"]:
        notes.append("forgetting is judged by a dozen everyday texts alone, since the project holds no general text")
    return kept


def _measured(
    opened: "Callable[[], MaskedModel | CausalModel]", judged: Judged, advance: Callable[[int], object]
) -> tuple[dict[Kind, Losses], list[float]]:
    """Losses on both kinds, and of an encoder which paraphrases it finds."""
    model = opened()
    losses: dict[Kind, Losses] = {}
    for kind, texts in judged.items():
        losses[kind] = model.losses(model.tokens(texts), advance)
    found = model.paraphrases()
    del model
    # Two models of the size that fits are one too many.
    gc.collect()
    return losses, found


def _change(kind: Kind, before: Losses, after: Losses) -> Change:
    ratio, interval = change(before, after)
    return Change(
        kind=kind,
        documents=len(before.counts),
        tokens=int(before.counts.sum()),
        before=perplexity(before),
        before_interval=perplexity_interval(before),
        after=perplexity(after),
        after_interval=perplexity_interval(after),
        ratio=ratio,
        ratio_interval=interval,
    )


def _paraphrases(after: Sequence[float], before: Sequence[float]) -> Difference | None:
    return compare("paraphrases found", after, before) if after else None


def _against(
    candidate: Version, texts: Texts, settings: ProjectSettings, registry: Registry, progress: Progress
) -> Against | NotCompared | None:
    """Beside the version in service, where one is and it can be compared with; both by the tokens of the candidate."""
    event = registry.in_service()
    if event is None or event.version == candidate.id:
        return None
    present = event.version
    try:
        folder, other = registry.open(candidate.id, "size"), registry.open(present, "size")
    except UserError as error:
        return NotCompared(version=present, why=error.message)
    # Losses of tokens of different tokenizers do not compare.
    if folder.kind != other.kind or folder.about.get("base") != other.about.get("base"):
        return NotCompared(version=present, why="it was made of another model, whose tokens may be others")
    seen = (read_seen(folder.path) or frozenset()) | (read_seen(other.path) or frozenset())
    judged: Judged = {
        "domain": [each.text for each in texts.of("domain", "held_out") if hash_of(each.text) not in seen]
    }
    if len(judged["domain"]) < FEWEST:
        count = len(judged["domain"])
        why = f"only {count} held-out documents of the domain are new to both, and {FEWEST} are needed"
        return NotCompared(version=present, why=why)
    advance = progress(f"beside {present}", 2 * _count(judged))
    theirs, _ = _measured(lambda: open_after(other, settings, beside=folder), judged, advance)
    ours, _ = _measured(lambda: open_after(folder, settings), judged, advance)
    ratio, interval = change(theirs["domain"], ours["domain"])
    return Against(version=present, documents=len(judged["domain"]), ratio=ratio, interval=interval)


def _count(judged: Judged) -> int:
    return sum(map(len, judged.values()))
