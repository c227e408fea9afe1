import json
from pathlib import Path

import pytest

from ...evaluation.questions import Question, read_questions
from ...project_base.errors import UserError
from ..calibrate import Support, choose, errors_at, held_out, measure_support
from ..pipeline import Pipeline
from ..smoke import KNOWN, SAMPLE, Sample


def supports(normal: list[float], without: list[float], marked: list[float] | None = None) -> list[Support]:
    pairs = [Support(str(number), one, other) for number, (one, other) in enumerate(zip(normal, without, strict=True))]
    return pairs + [Support(f"u{number}", None, value) for number, value in enumerate(marked or [])]


def test_errors_are_counted_on_both_sides() -> None:
    at = errors_at(0.5, supports([0.5, 0.4, 0.9], [0.1, 0.5, 0.6], [0.7, 0.2]))
    assert (at.wrong_refusals, at.answerable, at.wrong_answers, at.unanswerable) == (1, 3, 3, 5)
    assert at.refusal_rate == pytest.approx(1 / 3)
    assert at.answer_rate == 0.6


def test_between_two_groups_the_middle_is_chosen() -> None:
    chosen = choose(supports([0.6, 0.8], [0.2, 0.1], [0.4]))
    assert chosen.threshold == pytest.approx(0.5)
    assert (chosen.wrong_refusals, chosen.wrong_answers) == (0, 0)


def test_no_other_threshold_has_a_smaller_sum() -> None:
    measured = supports([0.3, 0.5, 0.52, 0.7, 0.9], [0.1, 0.35, 0.51, 0.6, 0.2], [0.05, 0.4])
    chosen = choose(measured)
    sums = [errors_at(step / 100, measured) for step in range(101)]
    assert chosen.refusal_rate + chosen.answer_rate == min(each.refusal_rate + each.answer_rate for each in sums)


def test_a_given_rate_of_wrong_answers_is_kept_with_the_fewest_refusals() -> None:
    measured = supports([0.3, 0.5, 0.9], [0.1, 0.35, 0.6])
    assert choose(measured, 0.0).threshold == pytest.approx(0.61)
    assert choose(measured, 0.34).threshold == pytest.approx(0.36)
    assert choose(measured, 1.0).threshold == 0.0
    with pytest.raises(UserError, match="no threshold"):
        choose(supports([1.0], [1.0]), 0.5)


def test_unseen_questions_are_each_counted_once_and_err_at_least_as_much() -> None:
    measured = supports([0.3, 0.5, 0.52, 0.7, 0.9] * 3, [0.1, 0.35, 0.51, 0.6, 0.2] * 3, [0.05, 0.4])
    chosen, unseen = choose(measured), held_out(measured)
    assert (unseen.answerable, unseen.unanswerable) == (15, 17)
    assert unseen.refusal_rate + unseen.answer_rate >= chosen.refusal_rate + chosen.answer_rate


def test_each_part_keeps_both_kinds_however_the_file_is_ordered() -> None:
    every_fifth = [
        Support(str(number), 0.9, 0.1) if number % 5 == 0 else Support(str(number), None, 0.1) for number in range(50)
    ]
    assert held_out(every_fifth).wrong_refusals == 0


def test_support_without_the_gold_documents_is_that_of_an_index_without_them(sample: Sample) -> None:
    pipeline = Pipeline(sample.settings, sample.embedder)
    assert pipeline.support(KNOWN.question) == pytest.approx(sample.ask(KNOWN.question).support, abs=1e-4)
    without = pipeline.support(KNOWN.question, leave_out=frozenset(KNOWN.gold_docs))
    (sample.documents / "returns.md").unlink()
    sample.index()
    # Word statistics move a little with the documents; nothing of the document itself may be left.
    assert without == pytest.approx(Pipeline(sample.settings, sample.embedder).support(KNOWN.question), abs=0.1)


def test_all_documents_left_out_support_nothing(sample: Sample) -> None:
    pipeline = Pipeline(sample.settings, sample.embedder)
    everything = frozenset(document.path for document in pipeline.manifest.documents)
    assert pipeline.support(KNOWN.question, leave_out=everything) == 0.0


def test_the_sample_questions_calibrate(sample: Sample) -> None:
    measured = measure_support(Pipeline(sample.settings, sample.embedder), read_questions(SAMPLE / "questions.jsonl"))
    chosen = choose(measured)
    assert (chosen.answerable, chosen.unanswerable) == (40, 48)
    assert chosen.refusal_rate + chosen.answer_rate < 0.5


def test_too_few_questions_are_an_error(sample: Sample) -> None:
    questions = [Question(id="1", question="What?", gold_docs=("returns.md",)), Question(id="2", question="Which?")]
    with pytest.raises(UserError, match="1 of 2 questions are answerable and name a document"):
        measure_support(Pipeline(sample.settings, sample.embedder), questions)


def test_a_question_file_without_documents_names_what_is_missing(sample: Sample, tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text("".join(json.dumps({"id": str(number), "question": "What?"}) + "\n" for number in range(12)))
    with pytest.raises(UserError, match="0 of 12") as caught:
        measure_support(Pipeline(sample.settings, sample.embedder), read_questions(file))
    assert "gold_docs" in caught.value.next_step
