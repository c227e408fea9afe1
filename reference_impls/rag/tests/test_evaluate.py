from collections.abc import Iterator
from pathlib import Path

import pytest

from ...embedding.sentence import SentenceEmbedder
from ...evaluation.questions import Question, read_questions
from ...language_models.base import Generation, LanguageModel, Prompt
from ...project_base.errors import UserError
from ...retrieval.lexical import stop_words
from ..compare import runs_compared
from ..evaluate import evaluate
from ..evaluation_table import comparison_in_words, table
from ..pipeline import Pipeline
from ..results import Evaluation, Outcome, read_evaluation, retrieval_score
from ..smoke import KNOWN, SAMPLE, Sample
from .conftest import sample_in

ABSENT = Question(id="absent", question="Who won the football world cup in 2018?", answerable=False)


class Inventive:
    """Writes a sentence that its first passage supports, one with another number, and one without a citation."""

    def generate(self, prompt: Prompt) -> Generation:
        return Generation("The warranty of the Bridge B1 is 36 months [1]. It is 99 years [1]. Rely on it.")

    def stream(self, prompt: Prompt) -> Iterator[str | Generation]:
        yield self.generate(prompt)


def judge(sample: Sample, questions: list[Question], model: LanguageModel | None = None) -> Evaluation:
    return evaluate(
        Pipeline(sample.settings, sample.embedder, model), questions, "fused", stopped=stop_words("english")
    )


@pytest.fixture(scope="module")
def all_questions(indexed: Path, embedder: SentenceEmbedder) -> Evaluation:
    """The evaluation of all questions, made once, since nothing in it can be changed."""
    return judge(sample_in(indexed, embedder), read_questions(SAMPLE / "questions.jsonl"))


def with_outcomes(result: Evaluation, **changes: object) -> Evaluation:
    changed = tuple(outcome.model_copy(update=changes) for outcome in result.outcomes)
    return result.model_copy(update={"outcomes": changed})


def test_every_figure_lies_in_its_interval_and_above_chance(all_questions: Evaluation) -> None:
    *modes, random = all_questions.retrieval
    assert [row.mode for row in modes] == ["fused", "lexical", "dense"]
    for row in modes:
        for name in ("hit_at_1", "hit_at_5", "mrr", "ndcg_at_10"):
            low, high = getattr(row, f"{name}_interval")
            assert low <= getattr(row, name) <= high
            assert getattr(random, name) < low
    assert 1 / 15 <= (random.hit_at_1 or 0) < 2 / 15
    assert [each.measure for each in all_questions.beside_bm25] == ["hit@1", "hit@5", "MRR", "nDCG@10"]
    assert all_questions.beside_bm25[0].second == pytest.approx(modes[1].hit_at_1)


def test_quotes_are_grounded_and_outcomes_add_up(all_questions: Evaluation) -> None:
    assert (all_questions.groundedness, all_questions.unsupported) == (1.0, ())
    assert all_questions.sentences == all_questions.supported == sum(each.sentences for each in all_questions.outcomes)
    assert len(all_questions.outcomes) == all_questions.questions
    contained = [each.contained for each in all_questions.outcomes if each.contained is not None]
    assert sum(contained) / len(contained) == pytest.approx(all_questions.containment)
    assert max(map(len, table(all_questions).splitlines())) <= 80


def test_invented_sentences_are_counted_and_shown(sample: Sample) -> None:
    result = judge(sample, [KNOWN, ABSENT], Inventive())
    assert (result.answers, result.sentences, result.supported) == (1, 3, 1)
    assert result.groundedness == pytest.approx(1 / 3, abs=1e-4)
    assert [(item.text, item.cited) for item in result.unsupported] == [
        ("It is 99 years.", ("returns.md",)),
        ("Rely on it.", ()),
    ]


def test_a_paragraph_is_found_in_one_stretch_of_a_document(sample: Sample) -> None:
    blocks = [chunk.blocks for chunk in Pipeline(sample.settings, sample.embedder).retriever.chunks]
    question = KNOWN.model_copy(update={"paragraph": 0})
    nowhere = KNOWN.model_copy(update={"id": "nowhere", "paragraph": 999})
    result = judge(sample, [question, nowhere])
    assert result.unit == "paragraph"
    assert [len(ranks) for ranks in result.outcomes[0].ranks.values()] == [1, 1, 1]
    assert [retrieval_score("MRR", outcome, "fused") for outcome in result.outcomes][1] == 0.0
    assert result.retrieval[-1].hit_at_1 == pytest.approx(1 / len(blocks) / 2, abs=2 / len(blocks))


def test_with_bm25_as_the_mode_there_is_nothing_beside_it(sample: Sample) -> None:
    result = evaluate(Pipeline(sample.settings, sample.embedder), [KNOWN], "lexical", answers=False)
    assert result.beside_bm25 == ()
    assert result.containment is None
    assert "answers" not in table(result)
    assert "minus" not in table(result)


def test_scores_follow_from_ranks() -> None:
    outcome = Outcome(id="1", question="?", answerable=True, relevant=2, ranks={"fused": (2, 7)})
    assert retrieval_score("hit@1", outcome, "fused") == 0.0
    assert retrieval_score("hit@5", outcome, "fused") == 1.0
    assert retrieval_score("MRR", outcome, "fused") == 0.5
    assert retrieval_score("MRR", outcome, "dense") is None
    assert retrieval_score("MRR", outcome.model_copy(update={"ranks": {"fused": ()}}), "fused") == 0.0


def test_a_result_file_comes_back_as_it_was(all_questions: Evaluation, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    file.write_text(all_questions.to_json(), encoding="utf-8")
    assert read_evaluation(file) == all_questions


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xfe", "not JSON"),
        (b"[]", "it names no schema"),
        (b'{"schema": "evaluation/2"}', "its schema is 'evaluation/2'"),
        (b'{"schema": "evaluation/1"}', "damaged: unit: Field required"),
    ],
)
def test_a_foreign_result_file_is_refused(content: bytes, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    file.write_bytes(content)
    with pytest.raises(UserError, match=expected) as caught:
        read_evaluation(file)
    assert "evaluate --out out.json" in caught.value.next_step


def test_a_missing_result_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_evaluation(tmp_path / "none.json")


def test_a_change_for_the_worse_is_said_first(all_questions: Evaluation) -> None:
    refusing = with_outcomes(all_questions, refused=True, contained=False, sentences=0, supported=0)
    found = runs_compared(refusing, all_questions)
    verdicts = {each.measure: each.verdict for each in found.differences}
    assert verdicts["answer contained"] == verdicts["answerable answered"] == "worse"
    assert verdicts["hit@1"] == "cannot tell"
    assert "grounded" not in verdicts
    assert comparison_in_words(found).startswith("On the 48 questions of both runs. Worse: answer contained, ")
    assert len(found.wrong_now) == round((all_questions.containment or 0) * 40)
    back = runs_compared(all_questions, refusing)
    assert (back.right_now, back.wrong_now) == (found.wrong_now, ())
    assert "Better: answer contained" in comparison_in_words(back)


def test_the_same_run_again_has_not_changed(all_questions: Evaluation) -> None:
    found = runs_compared(all_questions, all_questions)
    assert comparison_in_words(found) == "On the 48 questions of both runs nothing has changed."
    assert max(map(len, table(all_questions.model_copy(update={"against": found})).splitlines())) <= 80


def test_only_the_same_question_is_compared(all_questions: Evaluation) -> None:
    first, second, *others = all_questions.outcomes
    reworded = second.model_copy(update={"question": "Something else?"})
    new = first.model_copy(update={"id": "new"})
    now = all_questions.model_copy(update={"outcomes": (new, reworded, *others)})
    found = runs_compared(now, all_questions)
    assert (found.questions, found.left_out) == (46, 3)
    assert "(3 stand in one run alone)" in comparison_in_words(found)


def test_runs_without_common_ground_are_refused(all_questions: Evaluation) -> None:
    with pytest.raises(UserError, match="none of the 48 questions"):
        runs_compared(all_questions, with_outcomes(all_questions, question="Another?"))
    with pytest.raises(UserError, match="counted on the document now and were counted on the paragraph then"):
        runs_compared(all_questions, all_questions.model_copy(update={"unit": "paragraph"}))
    unmeasured = with_outcomes(all_questions, relevant=0, refused=None, contained=None, sentences=0)
    with pytest.raises(UserError, match="nothing was measured"):
        runs_compared(all_questions, unmeasured)
