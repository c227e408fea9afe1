"""The helper: which facts are the same, what is mended and how, and how that is judged."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from ...labelled_data.base import Example, Span
from ...project_base.errors import UserError
from ...rag.answer import Answer, Source
from ...rag.live import LivePipeline
from ...serving.app import make_app
from ...serving.tests.in_thread import running
from ..base import Reply
from ..http_api import make_service
from ..tuned_helper.answers import HelpedAnswers
from ..tuned_helper.facts import Fact, Stated, same_number, same_unit, tokens_of
from ..tuned_helper.judging import check_apart
from ..tuned_helper.judging_log import figures_of, judge_log, same, table_of
from ..tuned_helper.log import Said, read_log
from ..tuned_helper.mending import Helper
from .projects import SAMPLE, settings

_FACT = re.compile(
    r"(?P<name>Bridge B\d|Tag T\d|SHA-\d+)"
    r"|(?P<date>\d{1,2} [A-Z][a-z]+ \d{4})"
    r"|(?P<quantity>(?:\d[\d,]*|two|three|five) (?:months?|years?|euros|dollars|seconds|metres|MHz|days))"
)
PASSAGES = {
    1: "Returns\n\nThe warranty lasts 36 months for the Bridge B1 and 24 months for the Tag T2. "
    "Send parts back in 21 days.",
    2: "Prices\n\nA probe cable costs 18 euros. It was changed on 2 June 2025.",
}


def spans(texts: Sequence[str]) -> list[list[Span]]:
    """Marks facts as a perfect tagger would, so that the tests are about what is done with them."""
    return [[Span(each.start(), each.end(), str(each.lastgroup)) for each in _FACT.finditer(text)] for text in texts]


HELPER = Helper(spans, frozenset({"the", "a", "for", "and", "it", "on", "in", "was"}))


def fact(text: str, label: str = "quantity") -> Fact:
    return Fact(label, 0, len(text), text)


@pytest.mark.parametrize(
    ("stated", "text", "held"),
    [
        ("It lasts 24 months.", "two years", True),
        ("It lasts two years.", "24 months", True),
        ("It lasts 24 months.", "24 days", False),
        ("It stores 16,000 readings.", "16000 readings", True),
        ("It takes 90 seconds.", "90 minutes", False),
        ("It takes one minute.", "60 seconds", True),
        ("It costs 18 €.", "18 euros", True),
        ("It costs €18.", "18 euros", True),
        ("It costs 18 euros.", "18 dollars", False),
        ("It takes 118 euros.", "18 euros", False),
        ("between -20 °C and +30 °C", "-20 °C", True),
        ("signed with HMAC-SHA256", "SHA-512", False),
        ("| Tag T2 | 64 euros |", "64 euros", True),
        ("TLS 1.3 is used.", "TLS 1.2", False),
        ("", "5 days", False),
    ],
)
def test_facts_are_the_same_in_another_spelling_or_unit_and_not_otherwise(stated: str, text: str, held: bool) -> None:
    assert Stated(stated).holds(fact(text)) is held


def test_number_words_become_digits_and_units_singular() -> None:
    told = tokens_of("Twenty tags cost 1,200 euros, i.e. 50%.")
    assert told == ["20", "tag", "cost", "1200", "euro", "i.e", "50", "percent"]
    assert same_unit(fact("36 months"), fact("1 month"))
    assert not same_unit(fact("36 months"), fact("36 days"))
    assert same_number(fact("two days"), fact("2 weeks"))


def test_a_right_answer_goes_out_as_it_is() -> None:
    text = "The warranty lasts 36 months for the Bridge B1 [1]. Send parts back in three weeks [1]."
    after, mended = HELPER.mend(text.replace("three weeks", "21 days"), PASSAGES)
    assert after == text.replace("three weeks", "21 days")
    assert [each.outcome for each in mended] == ["kept", "kept"]


def test_a_wrong_figure_is_replaced_where_one_alone_fits() -> None:
    after, (mended,) = HELPER.mend("A probe cable costs 81 euros. [2]", PASSAGES)
    assert after == "A probe cable costs 18 euros. [2]"
    assert mended.outcome == "repaired"
    assert "'81 euros' became '18 euros'" in mended.why


def test_a_wrong_unit_and_a_wrong_date_are_replaced() -> None:
    assert HELPER.mend("A probe cable costs 18 dollars [2].", PASSAGES)[0] == "A probe cable costs 18 euros. [2]"
    assert HELPER.mend("It was changed on 12 June 2025 [2].", PASSAGES)[0] == "It was changed on 2 June 2025. [2]"


def test_where_several_could_stand_there_the_sentence_is_kept_back() -> None:
    after, (mended,) = HELPER.mend("The warranty lasts 38 months for the hardware. [1]", PASSAGES)
    assert (after, mended.outcome) == ("", "withheld")
    assert "cannot be told" in mended.why


def test_a_fact_that_is_right_already_is_no_replacement_for_another() -> None:
    # 24 months is what the sentence says of the tag, so that only 36 months is left for the Bridge.
    text = "The warranty lasts 48 months for the Bridge B1 and 24 months for the Tag T2. [1]"
    assert HELPER.mend(text, PASSAGES)[0] == text.replace("48", "36")


def test_where_no_sentence_is_near_it_is_kept_back_and_the_others_go_out() -> None:
    after, mended = HELPER.mend("A probe cable costs 18 euros [2]. Courses last 5 days in Vienna [2].", PASSAGES)
    assert after == "A probe cable costs 18 euros. [2]"
    assert [each.outcome for each in mended] == ["kept", "withheld"]


def test_a_sentence_is_measured_by_the_passage_that_it_cites() -> None:
    assert HELPER.mend("A probe cable costs 18 euros. [1]", PASSAGES)[1][0].outcome == "withheld"


def test_a_right_figure_of_the_wrong_thing_stays() -> None:
    text = "The warranty lasts 36 months for the Tag T2. [1]"
    assert HELPER.mend(text, PASSAGES)[0] == text


_CABLE = "A probe cable costs 18 euros."
_TAG = "The warranty lasts {} months for the Tag T2."
LOG = [
    Said(id="1", question="q", said="A probe cable costs 81 euros.", wanted=_CABLE, fault="figure"),
    Said(id="2", question="q", said=_CABLE, wanted=_CABLE),
    Said(id="3", question="q", said=_TAG.format(36), wanted=_TAG.format(24), fault="swapped"),
    Said(id="4", question="q", said="Courses last 5 days in Vienna.", wanted="I do not know.", fault="figure"),
    Said(id="5", question="q", said="A probe cable costs 18 dollars.", wanted=_CABLE, fault="unit"),
]


def test_precision_recall_and_what_stays_are_counted() -> None:
    found = judge_log(LOG, HELPER, lambda _: PASSAGES, lambda _: None)
    assert [each.outcome for each in found] == ["repaired", "kept", "kept", "withheld", "repaired"]
    assert [each.right for each in found] == [True, True, False, False, True]
    measured = figures_of(found)
    assert measured["helper_precision"] == 1.0
    assert measured["helper_recall"] == 0.75
    # A plain rule over digits cannot see a wrong unit.
    assert measured["plain_rule_recall"] == 0.5
    assert measured["right_before"] == 0.2
    assert measured["right_after"] == 0.6
    assert measured["wrong_after"] == 0.2
    assert measured["kept_back"] == 0.2
    rows = {row[0]: row[1:] for row in table_of(found).rows}
    assert rows == {
        "figure": (2, 2, 1, 0, 1, 0, 2),
        "swapped": (1, 0, 0, 0, 0, 1, 0),
        "unit": (1, 1, 1, 0, 0, 0, 0),
        "no fault": (1, 0, 0, 0, 0, 1, 0),
    }


def test_the_same_words_are_the_same_whatever_their_dress() -> None:
    assert same("It stores 16000 readings", "It stores up to 16,000 readings.") is False
    assert same("It stores up to 16000 readings", "It stores up to 16,000 readings.")
    assert same("Two days.", "2 day")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "holds nothing"),
        ('{"id": "1"}', "question"),
        ('{"id": "1", "question": "q", "said": "s", "wanted": "w", "kind": "x"}', "kind"),
        ("{", "Invalid JSON"),
    ],
)
def test_a_wrong_log_is_refused_with_its_line(tmp_path: Path, line: str, says: str) -> None:
    file = tmp_path / "said.jsonl"
    file.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(UserError, match=says):
        read_log(file)


def test_the_sample_log_stands_apart_from_the_sample_examples() -> None:
    log = read_log(SAMPLE / "said.jsonl")
    assert len({said.fault for said in log}) == 5
    assert all((said.said == said.wanted) or said.fault or same_facts(said) for said in log)
    check_apart(log, [Example("The tag is silent.", (), "x:1")], 0.8)
    with pytest.raises(UserError, match="stand in the training data too, or nearly so: s01"):
        check_apart(log, [Example(log[0].said, (), "x:1")], 0.8)
    nearly = f"{log[0].wanted.rstrip('.')}, indeed!"
    with pytest.raises(UserError, match="or nearly so: s01"):
        check_apart(log, [Example(nearly, (), "x:1")], 0.8)


class _Marks:
    """Marks as `spans` does; stands for a version of the registry."""

    version = "0001-tagger"
    spans = staticmethod(spans)


def _answer(text: str) -> Answer:
    sources = tuple(
        Source(number=number, document="a.md", heading="A", start=0, end=1, text=passage)
        for number, passage in PASSAGES.items()
    )
    return Answer(
        question="q",
        refused=False,
        text=text,
        reason="",
        support=1.0,
        quotes=(),
        sources=sources,
        retrieval_ms=1.0,
        total_ms=1.0,
    )


@pytest.mark.parametrize("kept", ["A probe cable costs 18 euros [2]. ", ""])
def test_what_is_kept_back_reaches_the_owner_and_no_caller(tmp_path: Path, kept: str) -> None:
    given = settings(tmp_path)
    secret = "Courses last 5 days in Vienna"
    helped = HelpedAnswers(given, _Marks(), cast("LivePipeline", None))  # type: ignore[arg-type]
    reply = helped.mended(_answer(f"{kept}{secret} [2]."), 0.0)
    assert reply.refused is not bool(kept)
    assert reply.kept_back[0].startswith(secret)
    assert reply.notes[-1] == "1 sentence was kept back, since no passage states its quantity"

    class Asked:
        def ask(self, *_: object) -> Reply:
            return reply

    with running(make_app(make_service(given, Asked), given.serving)) as client:
        while not client.get("/health").is_success:
            pass
        told = client.post("/ask", json={"question": "q"})
    assert told.status_code == 200
    assert "Vienna" not in told.text
    assert "5 days" not in told.text
    assert Reply.model_validate_json(told.content).retrieved is not None
    assert "Vienna" in reply.model_dump_json()


def same_facts(said: Said) -> bool:
    """Lines without a fault may say the same in other words: two years for 24 months."""
    others = ("two years", "2 working days", "ten minutes", "16000 readings")
    return any(other in said.said and Stated(said.wanted).holds(fact(other)) for other in others)
