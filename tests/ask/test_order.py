"""Which question comes next: the one that settles most, and none that cannot change the verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import pairwise

import pytest

from advisor.ask.order import next_question
from advisor.documents import Answers, Given
from advisor.knowledge import Ask, Knowledge, load_knowledge
from advisor.pipeline import advise
from advisor.sensitivity import complete
from advisor.states import states_of
from advisor.values import DONT_KNOW, Outcome

KNOWLEDGE = load_knowledge()

HELP_DESK = {
    "model_kind": "llm",
    "task_type": "dialogue_support",
    "failure_mode": "missing_facts",
    "baseline_quality": "far",
    "knowledge_source": "private_documents",
    "corpus_quality": "fair",
    "corpus_size": "200k_2m",
    "volatility": "weekly",
    "latency_p95": "2_10s",
    "reasoning_scope": "single_passage",
    "labelled_examples": "lt_50",
}

PROJECTS = complete({}, KNOWLEDGE)

Person = Callable[[Ask], str]


def answers_of(codes: dict[str, str]) -> Answers:
    return Answers(given=tuple(Given(fact=fact, code=code) for fact, code in sorted(codes.items())))


def contradicts_itself(codes: dict[str, str]) -> bool:
    states = states_of(KNOWLEDGE, codes)
    return any(one.cannot_be and one.when.judge(states) is Outcome.TRUE for one in KNOWLEDGE.conflicts)


def interview(person: Person, start: dict[str, str] | None = None, *, everything: bool = False) -> dict[str, str]:
    """Asks until no question is left; the answers in the order of the questions."""
    codes = dict(start or {})
    while True:
        question, _ = next_question(answers_of(codes), KNOWLEDGE, everything=everything)
        if question is None:
            return codes
        assert question.ask.fact not in codes, "asked twice"
        codes[question.ask.fact] = person(question.ask)


def somebody(seed: int) -> Person:
    """A team that knows everything about its project, and does not contradict itself."""
    return team(dict(PROJECTS[seed * 53 % len(PROJECTS)].filled))


def team(profile: dict[str, str]) -> Person:
    return lambda ask: profile.get(ask.fact, DONT_KNOW)


def test_the_first_question_splits_the_field() -> None:
    question, progress = next_question(Answers(), KNOWLEDGE)
    assert question is not None
    assert "It can tip the verdict: " in question.why_now
    assert progress.share < 0.5
    first = question.ask
    leads = {next_question(answers_of({first.fact: code}), KNOWLEDGE)[1].leading for code in first.settled_codes}
    assert len(leads) > 1


def test_the_most_decisive_question_settles_more_than_the_others() -> None:
    """Averaged over its codes, the first question settles at least as much as nearly every other would."""
    question, _ = next_question(Answers(), KNOWLEDGE)
    assert question is not None

    def settles(ask: Ask) -> float:
        shares = [next_question(answers_of({ask.fact: c}), KNOWLEDGE)[1].share for c in ask.settled_codes]
        return sum(shares) / len(shares)

    others = [ask for ask in KNOWLEDGE.asks.values() if ask.fact != question.ask.fact][::7]
    assert sum(settles(question.ask) < settles(other) for other in others) <= 1


@pytest.mark.parametrize("seed", range(4))
def test_it_stops_when_nothing_that_is_open_can_change_the_verdict(seed: int) -> None:
    codes = interview(somebody(seed))
    _, progress = next_question(answers_of(codes), KNOWLEDGE)
    assert progress.share == 1
    assert len(codes) < len(KNOWLEDGE.asks), "it asked everything"
    states = states_of(KNOWLEDGE, codes)
    still_open = [ask for ask in KNOWLEDGE.asks.values() if len(states[ask.fact].possible) > 1]
    for ask in still_open:
        for code in ask.settled_codes:
            more = {**codes, ask.fact: code}
            if not contradicts_itself(more):
                verdicts = [one.approach for one in complete(more, KNOWLEDGE, vary_weights=False)]
                assert verdicts.count(progress.leading) >= 0.95 * len(verdicts), (ask.fact, code)


@pytest.mark.parametrize("seed", [5, 6])
def test_it_asks_for_nothing_that_does_not_apply(seed: int) -> None:
    """Judged when it is asked: a later answer may take an earlier question's meaning away."""
    for everything in (False, True):
        codes = interview(somebody(seed), everything=everything)
        for place, fact in enumerate(codes):
            before = {known: code for known, code in list(codes.items())[:place] if code != DONT_KNOW}
            assert states_of(KNOWLEDGE, before)[fact].possible, (fact, before)


def test_a_predictive_model_is_not_asked_about_documents() -> None:
    codes = interview(somebody(1), {"model_kind": "predictive"}, everything=True)
    assert not {"volatility", "citations"} & set(codes)


def test_a_fact_that_no_rule_reads_is_not_asked() -> None:
    """Chance gives every fact a share in the verdicts looked at; that is no reason to ask."""
    model = KNOWLEDGE.asks["team_skills"]
    idle = dataclasses.replace(model, fact="colour", question="Which colour?")
    knowledge = dataclasses.replace(
        KNOWLEDGE,
        asks={**KNOWLEDGE.asks, "colour": idle},
        vocabulary={**KNOWLEDGE.vocabulary, "colour": KNOWLEDGE.vocabulary["team_skills"]},
    )
    known = {fact: code for fact, code in HELP_DESK.items() if fact != "latency_p95"}
    codes = {**known, "latency_p95": DONT_KNOW}
    while (question := next_question(answers_of(codes), knowledge)[0]) is not None:
        assert question.ask.fact != "colour"
        codes[question.ask.fact] = DONT_KNOW


def test_dont_know_counts_as_asked_and_stays_unknown() -> None:
    _, before = next_question(Answers(), KNOWLEDGE)
    codes = interview(lambda ask: DONT_KNOW)
    _, progress = next_question(answers_of(codes), KNOWLEDGE)
    assert progress == before
    assert advise(answers_of(codes), KNOWLEDGE).undecided == "too_little_known"


def test_one_open_answer_does_not_make_it_ask_what_cannot_matter() -> None:
    codes = {**HELP_DESK, "latency_p95": DONT_KNOW}
    question, progress = next_question(answers_of(codes), KNOWLEDGE)
    while question is not None:
        tips = {
            next_question(answers_of({**codes, question.ask.fact: code}), KNOWLEDGE)[1].share
            for code in question.ask.settled_codes
        }
        assert tips != {progress.share}, f"{question.ask.fact} settles nothing"
        codes[question.ask.fact] = DONT_KNOW
        question, progress = next_question(answers_of(codes), KNOWLEDGE)
    assert len(codes) < len(KNOWLEDGE.asks)


def test_all_goes_on_with_the_rest() -> None:
    settled = interview(team(HELP_DESK))
    everything = interview(team(HELP_DESK), everything=True)
    assert set(settled) < set(everything)
    states = {fact.fact: fact for fact in advise(answers_of(everything), KNOWLEDGE).facts}
    assert set(everything) == {fact for fact, state in states.items() if state.applies}
    question, progress = next_question(answers_of(settled), KNOWLEDGE, everything=True)
    assert question is not None
    assert "cannot change the verdict" in question.why_now
    assert progress == next_question(answers_of(settled), KNOWLEDGE)[1]


def test_the_verdict_is_settled_step_by_step() -> None:
    codes = interview(team(HELP_DESK))
    shares = [
        next_question(answers_of(dict(list(codes.items())[:number])), KNOWLEDGE)[1].share
        for number in range(len(codes) + 1)
    ]
    assert shares[-1] > 0.9
    assert sum(later >= earlier for earlier, later in pairwise(shares)) > len(codes) / 2


def test_the_same_answers_give_the_same_question(knowledge: Knowledge) -> None:
    codes = {"model_kind": "llm", "volatility": "weekly", "citations": "mandatory"}
    backwards = Answers(given=tuple(Given(fact=fact, code=code) for fact, code in reversed(codes.items())))
    again = load_knowledge()
    first, progress = next_question(answers_of(codes), knowledge)
    second, other = next_question(backwards, again)
    assert first is not None
    assert second is not None
    assert (first.ask.fact, first.why_now, progress) == (second.ask.fact, second.why_now, other)
