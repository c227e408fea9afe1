import random

import pytest

from ..paired import compare, in_words, mcnemar_exact, verdict_of


def right(won: int, lost: int, questions: int) -> tuple[list[float], list[float]]:
    """Two systems of which each has some questions right that the other has wrong; the rest both have right."""
    same = [1.0] * (questions - won - lost)
    return [1.0] * won + [0.0] * lost + same, [0.0] * won + [1.0] * lost + same


@pytest.mark.parametrize(
    ("won", "lost", "p"), [(0, 0, 1.0), (5, 0, 0.0625), (0, 6, 0.03125), (10, 2, 0.0386), (7, 7, 1.0)]
)
def test_mcnemar_as_the_binomial_distribution_has_it(won: int, lost: int, p: float) -> None:
    assert mcnemar_exact(won, lost) == pytest.approx(p, abs=5e-5)


def test_mcnemar_of_thousands_of_questions_is_a_number() -> None:
    assert mcnemar_exact(2000, 1000) < 1e-60


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((0.001, 0.2), "better"),
        ((-0.2, -0.001), "worse"),
        ((-0.02, 0.1), "not worse"),
        ((-0.021, 0.1), "cannot tell"),
        ((0.0, 0.1), "not worse"),
        ((-0.1, 0.0), "cannot tell"),
    ],
)
def test_a_verdict_follows_from_the_interval(interval: tuple[float, float], verdict: str) -> None:
    assert verdict_of(interval) == verdict


@pytest.mark.parametrize(
    ("won", "lost", "questions", "verdict"),
    [
        (20, 2, 60, "better"),
        (2, 20, 60, "worse"),
        (4, 0, 40, "cannot tell"),
        (0, 0, 40, "cannot tell"),
        (0, 0, 400, "not worse"),
        (9, 8, 1000, "not worse"),
    ],
)
def test_few_differing_questions_are_no_proof(won: int, lost: int, questions: int, verdict: str) -> None:
    found = compare("hit@1", *right(won, lost, questions))
    assert (found.won, found.lost, found.questions, found.verdict) == (won, lost, questions, verdict)
    assert found.difference == pytest.approx((won - lost) / questions)
    assert found.p == mcnemar_exact(won, lost)


def test_the_two_systems_exchanged_turn_everything_round() -> None:
    first, second = right(12, 3, 50)
    one, other = compare("hit@1", first, second), compare("hit@1", second, first)
    assert other.difference == -one.difference
    # The draws take the same places, of which the made-up differences have one each.
    assert other.interval == pytest.approx((-one.interval[1], -one.interval[0]), abs=0.03)
    assert one.share_above_zero + other.share_above_zero == pytest.approx(1, abs=0.02)


def test_pairing_sees_what_two_intervals_do_not() -> None:
    # Questions differ far more from each other than the systems do.
    second = [number / 400 for number in range(300)]
    found = compare("nDCG@10", [value + 0.05 for value in second], second)
    assert (found.verdict, found.p) == ("better", None)


def test_as_many_questions_as_asked_for_tell() -> None:
    few = compare("hit@1", *right(4, 1, 40))
    assert few.verdict == "cannot tell"
    assert few.questions_needed is not None
    times = -(-few.questions_needed // 40)
    assert compare("hit@1", *right(4 * times, times, 40 * times)).verdict == "better"
    assert compare("hit@1", *right(20, 2, 60)).questions_needed is None


def test_the_verdict_in_words_names_its_ground() -> None:
    told = in_words(compare("hit@1", *right(20, 2, 60)), "BM25 alone")
    assert told.startswith("hit@1 is better than BM25 alone (+0.300, 95 % interval +0.")
    assert "not worse than BM25 alone by more than 0.02" in in_words(compare("MRR", *right(9, 8, 1000)), "BM25 alone")
    few = compare("MRR", *right(4, 1, 40))
    assert "40 questions cannot tell whether this is better or worse than BM25 alone" in in_words(few, "BM25 alone")
    assert in_words(few, "BM25 alone").endswith(f"about {few.questions_needed} would.")


@pytest.mark.parametrize("scores", [([], []), ([1.0], [1.0, 0.0])])
def test_what_cannot_be_paired_is_an_error(scores: tuple[list[float], list[float]]) -> None:
    with pytest.raises(ValueError, match="paired"):
        compare("hit@1", *scores)


def test_small_differences_on_every_question_are_told_where_scores_are_graded() -> None:
    draw = random.Random(3)
    base = [draw.uniform(0.2, 0.4) for _ in range(18)]
    better = [score + draw.uniform(0.0, 0.1) for score in base]
    assert compare("likelihood", better, base).verdict == "cannot tell"
    found = compare("likelihood", better, base, graded=True)
    assert found.verdict == "better"
    assert compare("likelihood", base, better, graded=True).verdict == "worse"
    # A scale of another size says the same.
    tiny = compare("likelihood", [score / 1000 for score in better], [score / 1000 for score in base], graded=True)
    assert tiny.verdict == "better"
    assert compare("likelihood", base, base, graded=True).verdict == "cannot tell"


@pytest.mark.parametrize("questions", [6, 18, 50])
def test_graded_scores_without_a_difference_are_seldom_called_better(questions: int) -> None:
    draw = random.Random(questions)
    found = [
        compare(
            "likelihood",
            [0.5 + draw.gauss(0.0, 0.01) for _ in range(questions)],
            [0.5] * questions,
            graded=True,
        ).verdict
        for _ in range(100)
    ]
    assert found.count("better") <= 5
    assert found.count("worse") <= 5
