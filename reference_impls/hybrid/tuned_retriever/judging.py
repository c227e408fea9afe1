"""Judges a tuned embedder against the untuned one, on questions whose documents neither training nor stopping knew."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...encoders.source import BaseIdentity
from ...evaluation.holm import holm
from ...evaluation.questions import Question
from ...language_models.choose import make_model
from ...project_base.errors import UserError
from ...project_base.progress import Progress
from ...project_base.rooms import command_line
from ...rag.evaluate import evaluate
from ...rag.pipeline import Pipeline
from ...rag.results import Evaluation, retrieval_score
from ...registry.version import Version
from ...retrieval.lexical import stop_words
from ..base import Work
from ..evaluation import Table, TwoByTwo, two_by_two
from ..pairs import Pairs, read_pairs
from ..settings import ProjectSettings
from ..significance import paired
from ..tuned_half import digest_of_version, newest
from .embedders import indexed, made_by_retriever, of_version, untuned

NDCG, HIT = "nDCG@10", "hit@1"
_NOTHING = "an embedder alone finds passages and answers nothing: without an index there is no ranking to judge"


@dataclass(frozen=True)
class Searched:
    """What one embedder found.

    Attributes:
        found: Ranks of the gold documents in each mode.
        index: Generation of its index.
    """

    found: Evaluation
    index: str

    def scores(self, measure: str, mode: str) -> dict[str, float]:
        """One measure of each judged question, by id."""
        scored = {each.id: retrieval_score(measure, each, mode) for each in self.found.outcomes}
        return {name: score for name, score in scored.items() if score is not None}


def judge_retriever(settings: ProjectSettings, work: Work) -> TwoByTwo:
    """Searches with both embedders, fused and dense alone, for the test questions of `hybrid.pairs`.

    Raises:
        UserError: There is no version, its data or its embedder changed, or no test question names an indexed document.
    """
    version = newest(settings, work.version, made_by_retriever)
    pairs = read_pairs(settings)
    check_data(version, pairs)
    base = untuned(settings, BaseIdentity.model_validate(version.about["base"]))
    asked = [question for question in pairs.test if question.answerable and question.gold_docs]
    before = _searched(base, "untuned", asked, work)
    after = _searched(of_version(settings, version), version.id, asked, work)
    mode = after.found.retrieval[0].mode
    main = {name: searched.scores(NDCG, mode) for name, searched in (("before", before), ("after", after))}
    ids = [question.id for question in asked if question.id in main["before"] and question.id in main["after"]]
    groups = [pairs.group[name] for name in ids]
    contents = {question.id: question.model_dump_json(exclude={"id"}) for question in asked}
    table = _table(before, after, mode, ids, groups)
    return two_by_two(
        "tuned_retriever",
        f"{NDCG} of the right document, search {mode}",
        ids,
        {
            "base_retrieval": [main["before"][name] for name in ids],
            "tuned_retrieval": [main["after"][name] for name in ids],
        },
        systems={
            "base": "the untuned embedder without an index",
            "base_retrieval": "search with the untuned embedder",
            "tuned": "the tuned embedder without an index",
            "tuned_retrieval": "search with the tuned embedder",
        },
        why_not={"base": _NOTHING, "tuned": _NOTHING},
        groups=groups,
        graded=True,
        least_gain=settings.hybrid.least_gain,
        version=version.id,
        model_sha256=digest_of_version(version),
        index=after.index,
        measured=_figures(before, after, mode, ids),
        tables=(table,),
        notes=(
            *(f"search {row[0]}: the tuned embedder {row[7]} the untuned one by {row[1]}" for row in table.rows),
            f"{len(ids)} test questions on documents that no training pair, hard negative or validation question knew",
            "the verdict is about search as the settings have it; the table says what became of dense search alone",
        ),
        contents=[contents[name] for name in ids],
    )


def check_data(version: Version, pairs: Pairs) -> None:
    """Makes sure that a version has not learnt from what are test questions now.

    Raises:
        UserError: It was made of other questions, or of another split of them.
    """
    made_of = version.about.get("data")
    if made_of != pairs.digest:
        raise UserError(
            f"{version.id} was made of other questions, or of another split of them ({str(made_of)[:12]}, and now it "
            f"is {pairs.digest[:12]}): it may have learnt from what are test questions now",
            f"bring back hybrid.pairs and labelled_data of then, or train anew: {command_line('train')}",
        )


def _searched(settings: ProjectSettings, name: str, questions: Sequence[Question], work: Work) -> Searched:
    given, embedder = indexed(settings, name, work.tell, work.progress)
    project = given.rag_project()
    # What is judged is search: no answer is written, and no language model has to be there.
    quoting = project.language_models.model_copy(update={"generator": "extractive"})
    model = make_model(quoting, embedder, stop_words(project.retrieval.stop_words))
    project = project.model_copy(update={"rag": project.rag.model_copy(update={"rewrite": "none"})})
    pipeline = Pipeline(project, embedder, model)
    progress: Progress = work.progress
    found = evaluate(
        pipeline,
        questions,
        project.retrieval.mode,
        answers=False,
        advance=progress(f"searching with {name}", len(questions)),
    )
    return Searched(found, pipeline.manifest.generation)


def _modes(before: Searched, mode: str) -> list[str]:
    """The mode of the settings, and dense search alone."""
    known = [row.mode for row in before.found.retrieval if row.mode != "random"]
    return [mode, *(each for each in ("fused", "dense") if each in known and each != mode)]


def _figures(before: Searched, after: Searched, mode: str, ids: Sequence[str]) -> dict[str, float]:
    found = {}
    for each in _modes(before, mode):
        for measure in (NDCG, HIT):
            for name, searched in (("untuned", before), ("tuned", after)):
                scores = searched.scores(measure, each)
                found[f"{each}_{measure}_{name}"] = sum(scores[item] for item in ids) / len(ids)
    return found


def _table(before: Searched, after: Searched, mode: str, ids: Sequence[str], groups: Sequence[str]) -> Table:
    """Every mode and measure, tuned against untuned."""
    rows, ps = [], []
    for each in _modes(before, mode):
        for measure in (NDCG, HIT):
            old, new = before.scores(measure, each), after.scores(measure, each)
            first, second = [new[item] for item in ids], [old[item] for item in ids]
            difference, p = paired(measure, first, second, groups, graded=measure == NDCG)
            low, high = difference.interval
            beats = "beats" if low > 0 else ("loses" if high < 0 else "does not beat")
            rows.append(
                (each, measure, sum(second) / len(ids), sum(first) / len(ids), difference.difference, low, high, beats)
            )
            ps.append(p)
    corrected = holm(ps)
    return Table(
        title="Tuned against untuned on unseen documents, 95 % intervals, p corrected for all rows (Holm)",
        columns=("search", "measure", "untuned", "tuned", "difference", "from", "to", "tuned one", "p"),
        rows=tuple((*row, p) for row, p in zip(rows, corrected, strict=True)),
    )
