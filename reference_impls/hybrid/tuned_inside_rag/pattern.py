"""The tuned model inside RAG, as every pattern is asked: look, train, answer, judge, prove."""

from pathlib import Path
from typing import Final

from ...embedding.load import load_embedder
from ...evaluation.questions import read_questions
from ...language_models.choose import make_model
from ...project_base.checks import Check
from ...project_base.errors import UserError
from ...rag.pipeline import Pipeline
from ...retrieval.lexical import stop_words
from ..base import Answerer, Finding, Trained, Work
from ..evaluation import TwoByTwo
from ..judging_answers import judge_answers
from ..patterns import PatternName
from ..retrieval_half import check_index
from ..rows import climbed_on, rows_of
from ..settings import ProjectSettings
from ..tuned_half import newest
from ..tuned_writer import check_model, check_task, made_for
from .answers import open_tuned
from .examples import check_apart, examples_of, with_passages
from .proof import checks_of

_NAME: Final[PatternName] = "tuned_inside_rag"
_FEW = 1000


def check(settings: ProjectSettings) -> list[Finding]:
    """Looks at examples, models and index; see `base.Pattern`."""
    findings = check_model(settings, made_for(_NAME))
    try:
        count = len(examples_of(settings))
    except UserError as error:
        return [*findings, Finding(error.message, error.next_step, blocking=True)]
    if count < _FEW:
        findings.append(
            Finding(f"{count} examples are few for a manner to be learnt; {_FEW:,} are the usual order of magnitude")
        )
    return [*findings, *check_index(settings)]


def train(settings: ProjectSettings, work: Work) -> Trained:
    """Puts the passages that are found before each example, and climbs the ladder of the writing models on them.

    Raises:
        UserError: The task is another one, examples or index do not allow it, or no response is supported.
    """
    check_task(settings)
    examples = examples_of(settings)
    given = settings.rag_project()
    embedder = load_embedder(given.embedding, work.tell)
    stopped = stop_words(given.retrieval.stop_words)
    # Nothing is answered while rows are built, so that no language model has to be there.
    quoting = given.language_models.model_copy(update={"generator": "extractive"})
    given = given.model_copy(update={"rag": given.rag.model_copy(update={"rewrite": "none"})})
    pipeline = Pipeline(given, embedder, make_model(quoting, embedder, stopped))
    advance = work.progress("finding passages", len(examples))
    built = with_passages(examples, pipeline, given.rag.passages, stopped, advance)
    if built.unsupported:
        work.tell(
            f"{len(built.unsupported)} of {len(examples)} examples are left out, since no passage that was found "
            f"supports their response, such as {built.unsupported[0]}"
        )
    trained = climbed_on(settings, _NAME, built.rows, (), work)
    counts = {"rows": float(len(built.rows)), "left_out": float(len(built.unsupported))}
    return Trained(trained.version, trained.told, {**trained.measured, **counts})


def open_answers(settings: ProjectSettings, work: Work) -> Answerer:
    """Opens index and model; see `base.Pattern`."""
    return open_tuned(settings, work)


def evaluate(settings: ProjectSettings, work: Work) -> TwoByTwo:
    """Asks `rag.questions` of base and tuned model, without and with retrieval; see `judging_answers`.

    Responses of examples that were set aside are judged by their likelihood: no reference says whether one is right.
    """
    version = newest(settings, work.version, made_for(_NAME))
    rows = rows_of(settings, _NAME, version)
    questions = read_questions(Path(settings.rag.questions))
    check_apart(questions, rows.known, settings.labelled_data.near_duplicate)
    return judge_answers(_NAME, settings, work, version, questions, rows.test)


def checks(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The smoke checks of the tuned model inside RAG; see `base.Pattern`."""
    return checks_of(settings, workdir)
