"""Checks that prove, offline and on the sample, that prompts are measured, kept apart, paid for once and believed."""

from pathlib import Path

from ..project_base.checks import Check
from .proof.checks import (
    Proof,
    endpoint_is_measured,
    failures_become_answers,
    killed_and_resumed,
    own_items,
    sample_is_sound,
    stands_in_for_a_model,
    versions_are_told_apart,
)
from .proof.document_checks import corpus_comes_first, quotes_are_checked
from .proof.project import SAMPLE
from .settings import ProjectSettings

SETTINGS = ProjectSettings


def checks(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The checks of this room, in order.

    Args:
        settings: The project's settings: the method, the embedder and the limits.
        workdir: An empty folder for all that is written.
    """
    proof = Proof(settings, workdir / "prompting-sample")
    method = settings.prompting.method
    found = [
        Check("an evaluation set is checked before anything is paid for", lambda: sample_is_sound(proof)),
        Check("without a model a stand-in answers, and says so", lambda: stands_in_for_a_model(proof)),
        Check("a busy endpoint is asked again, and everything is counted", lambda: endpoint_is_measured(proof)),
        Check("a killed run goes on and pays for nothing twice", lambda: killed_and_resumed(proof)),
        Check("two versions of a prompt are compared in pairs", lambda: versions_are_told_apart(proof)),
        Check("sorted failures become answers for the advice", lambda: failures_become_answers(proof)),
    ]
    if method == "whole_corpus":
        found.append(Check("the corpus stands first and must fit", lambda: corpus_comes_first(proof)))
    if method == "map_reduce":
        found.append(Check("invented quotes are not counted", lambda: quotes_are_checked(proof)))
    if not Path(settings.prompting.items).resolve().is_relative_to(SAMPLE.resolve()):
        found.append(Check("the configured items can be read", lambda: own_items(settings)))
    return found
