"""Tuning on retrieved context, as every pattern is asked: look, train, answer, judge, prove."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ...embedding.load import load_embedder
from ...labelled_data.base import Example
from ...project_base.checks import Check
from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from ...retrieval.index import open_index
from ...retrieval.search import Retriever
from ..apart import met
from ..base import Answerer, Finding, Trained, Work
from ..evaluation import TwoByTwo
from ..judging_answers import judge_answers
from ..pairs import Pairs, read_pairs
from ..patterns import PatternName
from ..retrieval_half import check_index
from ..rows import asked_in, climbed_on, rows_of
from ..settings import ProjectSettings
from ..tuned_half import newest
from ..tuned_inside_rag.answers import open_tuned
from ..tuned_writer import check_model, check_task, made_for
from .building import Built, build_rows
from .proof import checks_of

_NAME: Final[PatternName] = "retrieved_context_tuning"
_FEW = 1000
_SOURCE = re.compile(r'<passage-\w+ number="\d+" source="([^"]*?) > ')


def check(settings: ProjectSettings) -> list[Finding]:
    """Looks at questions, models and index; see `base.Pattern`."""
    findings = check_model(settings, made_for(_NAME))
    try:
        pairs = read_pairs(settings)
    except UserError as error:
        return [*findings, Finding(error.message, error.next_step, blocking=True)]
    known = len(pairs.train) + len(pairs.validation)
    findings.append(
        Finding(f"{known} questions to learn from and {len(pairs.test)} to judge by; no document stands on two sides")
    )
    if known < _FEW:
        findings.append(Finding(f"{known} questions are few: {_FEW:,} with accepted answers are the usual order"))
    if not any(not question.answerable for question in pairs.test):
        findings.append(
            Finding(
                "no test question is to be refused, so that nobody can tell whether the tuned model refuses",
                'add questions that the documents do not answer to hybrid.pairs, with "answerable": false',
            )
        )
    return [*findings, *check_index(settings)]


def train(settings: ProjectSettings, work: Work) -> Trained:
    """Builds rows of the project's own index, and climbs the ladder of the writing models on them.

    Raises:
        UserError: The task is another one, or questions or index do not allow it.
    """
    check_task(settings)
    pairs = read_pairs(settings)
    built = _built(settings, pairs, work)
    if built.without_passage:
        work.tell(
            f"{len(built.without_passage)} questions have no right passage that everybody may read, such as "
            f"{built.without_passage[0]}"
        )
    work.tell(
        f"{len(built.learn)} rows to learn from: {built.with_gold} with the right passage among distractors, "
        f"{built.refusals} to be refused"
    )
    trained = climbed_on(settings, _NAME, built.learn, built.test, work)
    counts = {"rows": len(built.learn), "with_gold": built.with_gold, "to_be_refused": built.refusals}
    return Trained(
        trained.version, trained.told, {**trained.measured, **{name: float(count) for name, count in counts.items()}}
    )


def open_answers(settings: ProjectSettings, work: Work) -> Answerer:
    """Opens index and model; see `base.Pattern`."""
    return open_tuned(settings, work)


def evaluate(settings: ProjectSettings, work: Work) -> TwoByTwo:
    """Asks the test questions of `hybrid.pairs`, whose documents stand in no training row; see `judging_answers`."""
    version = newest(settings, work.version, made_for(_NAME))
    pairs = read_pairs(settings)
    check_apart(pairs, rows_of(settings, _NAME, version).known, settings.labelled_data.near_duplicate)
    notes = ("no document of these questions stands in a training row, not even as a distractor",)
    return judge_answers(_NAME, settings, work, version, pairs.test, notes=notes)


def checks(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The smoke checks of tuning on retrieved context; see `base.Pattern`."""
    return checks_of(settings, workdir)


def check_apart(pairs: Pairs, known: Sequence[Example], least: float) -> None:
    """Makes sure that a version has met neither the test questions, nor nearly the same, nor their documents.

    Args:
        pairs: As they are split now.
        known: The rows that the version was trained on and stopped by.
        least: The similarity from which questions count as nearly the same.

    Raises:
        UserError: It has.
    """
    documents = {name for question in pairs.test if question.answerable for name in question.gold_docs}
    asked = [question.question for question in pairs.test]
    shown = {path for row in known for path in _SOURCE.findall(row.text)}
    learnt = sorted({path for path in shown if {path, path.rpartition("/")[2]} & documents})
    learnt += [asked[place] for place in met(asked, asked_in(known), least)]
    if learnt:
        raise UserError(
            f"the version has learnt from what is to judge it now, such as {learnt[0]}",
            f"bring back hybrid.pairs and labelled_data of then, or train anew: {command_line('train')}",
        )


def _built(settings: ProjectSettings, pairs: Pairs, work: Work) -> Built:
    embedder = load_embedder(settings.embedding, work.tell)
    index = open_index(settings.corpus, settings.retrieval, settings.vector_stores, embedder.id)
    count = len(pairs.train) + len(pairs.validation) + len(pairs.test)
    retriever = Retriever(index, embedder, settings.retrieval)
    return build_rows(pairs, retriever, settings, work.progress("building rows", count))
