"""Answers files: every mistake is named with its place and what is allowed, and what is saved is read back."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.ask.answers_file import as_yaml, read_answers, save_answers, with_answers
from advisor.ask.session import Session
from advisor.documents import Answers, Given, GivenFigure
from advisor.errors import AnswersError
from advisor.knowledge import Ask, Knowledge, load_knowledge
from advisor.values import DONT_KNOW

BROKEN = Path(__file__).resolve().parent.parent / "broken" / "answers"
KNOWLEDGE = load_knowledge()

MISTAKES = {
    "alias": ":2: an alias (*) is not accepted: write the value out",
    "answers_is_a_list": ":1: 'answers' must be a mapping of facts to codes or numbers",
    "answers_missing": ":1: unknown key 'answer'; did you mean answers? allowed: answers, figures",
    "answers_without_value": ":1: 'answers' must be a mapping",
    "bad_code": ":3: volatility has no code 'weakly'; did you mean weekly? allowed: static, monthly, weekly, daily, "
    "real_time, dont_know, or a number of days between changes",
    "binary": ": a binary file, not text",
    "capital_letter": ":2: erasure_duty has no code 'No'; did you mean no? allowed: no, on_request, dont_know",
    "digits_in_groups": ":2: monthly_queries has no code '40_000'; did you mean 10k_100k? allowed: lt_10k",
    "empty": ": nothing in it",
    "endless_digits": ":2: labelled_examples has no code '9999",
    "extra_top_level_key": ":3: unknown key 'anwsers'; did you mean answers? allowed: answers, figures",
    "fact_at_top_level": ":3: the fact 'volatility' must stand indented under 'answers:'",
    "fact_among_the_figures": ":3: volatility is a fact: it stands under 'answers:'",
    "figure_as_list": ":3: gpu_hour takes a number, in USD per hour, such as 1.2; found",
    "figure_at_top_level": ":2: the figure 'gpu_hour' must stand indented under 'figures:'",
    "figure_in_words": ":3: gpu_hour takes a number, in USD per hour, such as 1.2; found 'cheap'",
    "figure_of_zero": ":3: gpu_hour takes a number above 0 and up to 1,000,000,000,000, in USD per hour",
    "figures_are_a_number": ":2: 'figures' must be a mapping of figures to numbers",
    "infinite_number": ":2: labelled_examples has no code '.inf'; allowed: lt_50",
    "latin_1": ":2: not UTF-8 text",
    "list_as_value": ":2: volatility takes one value, not a list or a mapping; allowed: static, monthly",
    "list_of_answers": ":1: a list where a mapping is wanted",
    "mapping_as_value": ":2: volatility takes one value, not a list or a mapping; allowed: static, monthly",
    "merge_key": ":2: unknown fact '<<'; allowed: access_control",
    "negative_figure": ":3: output_tokens takes a number above 0 and up to 1,000,000,000,000, in tokens, such as 3",
    "negative_number": ":2: upfront_budget: -5000 is out of range: a number of USD, 0 or more",
    "not_a_number": ":2: labelled_examples has no code '.nan'; allowed: lt_50",
    "number_beyond_floats": ":2: labelled_examples: the number is too large: a finite number of examples",
    "number_for_a_code": ":2: citations takes no number; allowed: no, helpful, mandatory, dont_know",
    "one_word": ":1: one word where a mapping is wanted",
    "only_a_comment": ": nothing in it",
    "repeated_fact": ":4: 'volatility' stands twice (first on line 2): keep one",
    "several_mistakes": ":2: unknown fact 'volatilty'; did you mean volatility? allowed: access_control",
    "share_above_one": ":3: routed_share is a share: a number above 0 and up to 1 is wanted; found '3'",
    "tab_indent": ":2: not YAML",
    "tag": ":2: the tag",
    "truth_value": ":2: citations has no code 'true'; allowed: no, helpful, mandatory, dont_know",
    "two_documents": ":3: not YAML: but found another document",
    "unclosed_bracket": ":2: not YAML",
    "unknown_figure": ":3: unknown figure 'gpu_huor'; did you mean gpu_hour? all figures: advisor rules list --figures",
    "unknown_fact": ":3: unknown fact 'volatilty'; did you mean volatility? allowed: access_control, baseline_quality",
    "value_missing": ":2: volatility has no value: delete the line to leave it unknown; allowed: static, monthly",
}
"""For each file of tests/broken/answers: the line, and the beginning of what is said about it."""


def refusal(path: Path | str) -> AnswersError:
    with pytest.raises(AnswersError) as caught:
        read_answers(str(path), KNOWLEDGE)
    return caught.value


def read_text(text: str | bytes, tmp_path: Path) -> dict[str, Given]:
    path = tmp_path / "answers.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return {one.fact: one for one in read_answers(str(path), KNOWLEDGE).given}


def test_every_broken_file_has_its_expectation() -> None:
    assert {path.stem for path in BROKEN.iterdir()} == set(MISTAKES)


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_is_refused_with_its_place_and_what_is_allowed(mistake: str) -> None:
    path = BROKEN / f"{mistake}.yaml"
    fault = refusal(path)
    assert any(problem.startswith(f"{path}{MISTAKES[mistake]}") for problem in fault.problems), fault.problems
    assert all(problem.startswith(str(path)) and len(problem) < 1000 for problem in fault.problems)
    assert fault.exit_code == 1
    assert "answers:" in fault.next_step


def test_several_mistakes_are_reported_together() -> None:
    path = BROKEN / "several_mistakes.yaml"
    lines = [problem.removeprefix(f"{path}:").partition(":")[0] for problem in refusal(path).problems]
    assert sorted(lines) == ["2", "3", "5", "6", "7"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("nowhere.yaml", "no such file"), ("", "a folder, not an answers file"), ("file/a", "cannot be")],
)
def test_what_is_no_file_is_refused(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("answers: {}\n")
    fault = refusal(tmp_path / name)
    assert str(tmp_path / name) in str(fault)
    assert words in str(fault)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    assert refusal(path).next_step == f"make one with: advisor ask --out {path}"


@pytest.mark.parametrize("kind", ["zeros", "text"])
def test_50_megabytes_are_refused_unread(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as stream:
        if kind == "text":
            stream.write(b"answers:\n" + b"  volatility: weekly\n" * 2_400_000)
        stream.truncate(50_000_000)
    assert f"{path}: larger than 2 MB" in str(refusal(path))


def test_a_file_with_thousands_of_mistakes_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("answers:\n" + "".join(f"  column_{number}: weekly\n" for number in range(20_000)))
    assert 10 < len(refusal(path).problems) < 200


@pytest.mark.parametrize("code", ["50_199", "'50_199'", '"50_199"'])
def test_a_code_that_looks_like_a_number_is_the_code(code: str, tmp_path: Path) -> None:
    found = read_text(f"answers:\n  labelled_examples: {code}\n", tmp_path)["labelled_examples"]
    assert (found.code, found.number) == ("50_199", None)


@pytest.mark.parametrize("word", ["no", "'no'", '"no"'])
def test_no_is_a_text(word: str, tmp_path: Path) -> None:
    assert read_text(f"answers:\n  erasure_duty: {word}\n", tmp_path)["erasure_duty"].code == "no"


@pytest.mark.parametrize(
    ("written", "code"),
    {
        "0": "lt_50",
        "49.9": "lt_50",
        "50": "50_199",
        "199": "50_199",
        "200": "200_999",
        "'1000'": "1k_10k",
        "10000": "1k_10k",
        "10001": "gt_10k",
        "1e6": "gt_10k",
        "1.7e308": "gt_10k",
        "-0.0": "lt_50",
    }.items(),
)
def test_a_number_falls_into_its_band(written: str, code: str, tmp_path: Path) -> None:
    found = read_text(f"answers:\n  labelled_examples: {written}\n", tmp_path)["labelled_examples"]
    assert (found.code, found.number) == (code, float(written.strip("'")))


@pytest.mark.parametrize(
    "text", [b"\xef\xbb\xbfanswers:\n  volatility: weekly\n", b"answers:\r\n  volatility: weekly\r\n"]
)
def test_marks_of_other_systems_do_not_matter(text: bytes, tmp_path: Path) -> None:
    assert read_text(text, tmp_path)["volatility"].code == "weekly"


def test_no_answers_are_valid_answers(tmp_path: Path) -> None:
    assert read_text("answers: {}\n", tmp_path) == {}


def test_dont_know_is_kept(tmp_path: Path) -> None:
    assert read_text("answers:\n  citations: dont_know\n", tmp_path)["citations"].code == DONT_KNOW


def test_standard_input_is_read_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, words in (
        (b"answers: {volatility: weekly}\n", ""),
        (b"answers: {volatility: weakly}\n", "standard input:1"),
    ):
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text)))
        if words:
            assert words in str(refusal("-"))
        else:
            assert read_answers("-", KNOWLEDGE).given[0].code == "weekly"


def test_answers_do_not_depend_on_the_order_of_the_file(tmp_path: Path) -> None:
    forth = "answers:\n  citations: helpful\n  volatility: 7\n  erasure_duty: no\n"
    back = "answers:\n  volatility: 7.0\n  erasure_duty: 'no'\n  citations: helpful\n"
    assert list(read_text(forth, tmp_path).values()) == list(read_text(back, tmp_path).values())
    assert [*read_text(back, tmp_path)] == ["citations", "erasure_duty", "volatility"]


# -- saving ------------------------------------------------------------------------------------------------------------


def _given(ask: Ask) -> st.SearchStrategy[Given]:
    codes = st.sampled_from([*ask.codes, DONT_KNOW]).map(lambda code: Given(fact=ask.fact, code=code))
    if ask.unit is None:
        return codes
    numbers = st.floats(min_value=0, max_value=1.7e308) | st.integers(0, 2**70).map(float)
    banded = numbers.map(lambda number: (ask.banded(number), number)).filter(lambda pair: pair[0] is not None)
    return codes | banded.map(lambda pair: Given(fact=ask.fact, code=str(pair[0]), number=pair[1] + 0.0))


def _allowed(figure: str, number: float) -> float:
    return min(number, 1.0) if KNOWLEDGE.prices.figures[figure].unit.startswith("share ") else number


some_figures = st.dictionaries(
    st.sampled_from(sorted(KNOWLEDGE.prices.figures)),
    st.floats(1e-9, 1e12) | st.integers(1, 10**12).map(float),
    max_size=4,
).map(lambda found: tuple(GivenFigure(figure=name, number=_allowed(name, found[name])) for name in sorted(found)))

some_answers = st.builds(
    lambda given, figures: Answers(given=tuple(given[fact] for fact in sorted(given)), figures=figures),
    st.fixed_dictionaries({}, optional={ask.fact: _given(ask) for ask in KNOWLEDGE.asks.values()}),
    some_figures,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some_answers)
def test_what_is_saved_is_read_back(tmp_path_factory: pytest.TempPathFactory, answers: Answers) -> None:
    path = tmp_path_factory.getbasetemp() / "round-trip.yaml"
    save_answers(answers, path, KNOWLEDGE)
    again = read_answers(str(path), KNOWLEDGE)
    assert again == answers
    assert again.model_dump_json() == answers.model_dump_json()


def test_a_saved_file_explains_itself(knowledge: Knowledge) -> None:
    text = as_yaml(
        with_answers(Answers(), ["volatility=7", "erasure_duty=no", "citations=dont_know"], knowledge), knowledge
    )
    assert "  # How often do the facts that answers rely on change?\n  volatility: 7  # days between changes" in text
    assert "erasure_duty: 'no'" in text  # quoted, since other readers of YAML take it for false
    assert "citations: dont_know  # asked, not known" in text


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, knowledge: Knowledge) -> None:
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path / "file" / "answers.yaml", tmp_path / "nowhere" / "answers.yaml"):
        with pytest.raises(AnswersError, match="cannot be written") as caught:
            save_answers(Answers(), place, knowledge)
        assert str(place) in str(caught.value)
        assert caught.value.next_step
    assert (tmp_path / "file").read_text() == "mine"


# -- settings of the command line --------------------------------------------------------------------------------------


def test_a_setting_replaces_an_answer(knowledge: Knowledge) -> None:
    before = with_answers(Answers(), ["volatility=static", "citations=helpful"], knowledge)
    after = with_answers(before, [" volatility = daily "], knowledge)
    assert {one.fact: one.code for one in after.given} == {"volatility": "daily", "citations": "helpful"}


def test_a_setting_takes_a_figure_too(knowledge: Knowledge) -> None:
    before = with_answers(Answers(), ["gpu_hour=2", "volatility=weekly"], knowledge)
    after = with_answers(before, ["gpu_hour = 1.9", "output_tokens=250"], knowledge)
    assert after.figures == (
        GivenFigure(figure="gpu_hour", number=1.9),
        GivenFigure(figure="output_tokens", number=250.0),
    )
    assert after.given == before.given
    with pytest.raises(AnswersError, match="--set gpu_huor=1: unknown figure 'gpu_huor'; did you mean gpu_hour"):
        with_answers(Answers(), ["gpu_huor=1"], knowledge)


def test_the_questionnaire_keeps_the_figures(tmp_path: Path, knowledge: Knowledge) -> None:
    class Stops:
        def put(self, question: object, *_: object, **__: object) -> Given | str:
            if not session.answers.given:
                return Given(fact=question.ask.fact, code=DONT_KNOW)  # type: ignore[attr-defined]
            raise KeyboardInterrupt

        def note(self, *_: object) -> None: ...

    out = tmp_path / "answers.yaml"
    session = Session(with_answers(Answers(), ["gpu_hour=1.9"], knowledge), out, knowledge)
    with pytest.raises(KeyboardInterrupt):
        session.run(Stops())
    again = read_answers(str(out), knowledge)
    assert len(again.given) == 1
    assert again.figures == (GivenFigure(figure="gpu_hour", number=1.9),)


def test_settings_that_cannot_be_read_are_reported_together(knowledge: Knowledge) -> None:
    wrong = ["volatility", "volatilty=weekly", "citations=mandatry", "upfront_budget=-1", "=", "citations="]
    with pytest.raises(AnswersError) as caught:
        with_answers(Answers(), wrong, knowledge)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [f"--set {one}" for one in wrong]
    assert "the form is FACT=VALUE" in str(caught.value)
    assert "did you mean mandatory?" in str(caught.value)
