"""Refuses to put a version in service that gained nothing, that forgot too much, or that nobody has judged."""

from functools import partial
from pathlib import Path

from ..project_base.config import load_settings
from ..project_base.rooms import command_line
from ..registry.evaluations import judged
from ..registry.registry import Gate
from ..registry.version import Version
from .results import Change, Evaluation, read_evaluation
from .settings import ProjectSettings

KINDS = ("pretrained_encoder", "pretrained_writer")


def gate(config: Path) -> Gate:
    """The gate of continued pre-training; versions of other rooms are left to theirs.

    Args:
        config: The project's settings.

    Raises:
        UserError: The settings are wrong.
    """
    settings = load_settings(config, ProjectSettings).continued_pretraining
    runs_folder, allowed = Path(settings.runs_folder), settings.most_forgetting

    def judge(candidate: Version, present: Version | None) -> str | None:
        if candidate.kind not in KINDS:
            return None
        read = partial(read_evaluation, runs_folder)
        found = judged(candidate, read, "it was not judged by held-out text yet", "evaluation")
        if isinstance(found, str):
            return found
        again = command_line(f"evaluate {candidate.id}")
        forced = command_line(f"promote {candidate.id} --force")
        return _nothing_gained(found) or forgotten(found, allowed) or _step_back(found, present, again, forced)

    return judge


def _nothing_gained(found: Evaluation) -> str | None:
    if found.gained:
        return None
    return f"it gained nothing that is beyond chance on held-out text of the domain: {seen(found.domain)}"


def forgotten(found: Evaluation, allowed: float) -> str | None:
    """Why a version forgot too much; None where it did not."""
    if found.general.ratio > 1 + allowed:
        return (
            f"it forgot more than continued_pretraining.most_forgetting allows ({allowed:g}): on general text, "
            f"{seen(found.general)}; train with a lower continued_pretraining.learning_rate, fewer passes, or a larger "
            "replay_share"
        )
    probe = found.paraphrases
    if probe is not None and probe.verdict == "worse":
        low, high = probe.interval
        return (
            f"as an encoder of sentences it has become worse: of {probe.questions} everyday sentences it finds the "
            f"paraphrase of {probe.first:.0%}, and {probe.second:.0%} before (95 % interval of the difference "
            f"{low:+.2f} to {high:+.2f}); train with a lower continued_pretraining.learning_rate or fewer passes"
        )
    return None


def _step_back(found: Evaluation, present: Version | None, again: str, forced: str) -> str | None:
    if present is None or present.damage or present.kind not in KINDS:
        return None
    against = found.against
    if against is None:
        apart = found.not_compared
        if apart is None or apart.version != present.id:
            return f"it was not compared with {present.id}, which is in service now ({again})"
        return (
            f"it cannot be compared with {present.id}, which is in service: {apart.why}; compare both on your "
            f"task, and put it in service with {forced} where it wins"
        )
    if against.version != present.id:
        return f"it was compared with {against.version}, and {present.id} is in service now ({again})"
    if against.interval[0] > 1:
        low, high = against.interval
        return (
            f"it reads the domain worse than {present.id}: {against.ratio:.3f} times its perplexity on the same "
            f"{against.documents} documents (95 % interval {low:.3f} to {high:.3f})"
        )
    return None


def seen(change: Change) -> str:
    """A change in words."""
    low, high = change.ratio_interval
    return (
        f"perplexity {change.before:.4g} before and {change.after:.4g} after, {change.ratio:.3f} times "
        f"(95 % interval {low:.3f} to {high:.3f}, {change.documents} documents)"
    )
