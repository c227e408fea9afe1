from __future__ import annotations

from typing import TypeVar

import pytest

from advisor.documents import Dossier
from advisor.documents.recommendation import Named, Veto
from advisor.report import build_sections, render_text
from advisor.report.blocks import (
    Block,
    Callout,
    Fold,
    Headline,
    Items,
    KeyValues,
    Meter,
    Paragraph,
    Section,
    Steps,
    Table,
)
from advisor.report.sections import BRIEF, ORDER, vetoes
from advisor.values import Approach
from tests.report import dossiers as given

B = TypeVar("B", bound=Block)

EMPTY = {
    "costs": (),
    "reasons": (),
    "vetoes": (),
    "flips": (),
    "unknowns": (),
    "conflicts": (),
    "precedents": (),
    "risks": (),
    "plan": (),
    "facts": (),
    "answers": (),
    "chosen": None,
    "settings": (),
    "shares": (),
}


def by_id(dossier: Dossier, *, brief: bool = False) -> dict[str, Section]:
    return {section.id: section for section in build_sections(dossier, brief=brief)}


def of(recommendation: object) -> Dossier:
    return Dossier(recommendation=recommendation)  # type: ignore[arg-type]


def first(section: Section, kind: type[B]) -> B:
    return next(block for block in section.blocks if isinstance(block, kind))


def items(section: Section) -> Items:
    return first(section, Items)


def test_a_full_dossier_has_every_section_in_the_listed_order() -> None:
    names = [build.__module__.rpartition(".")[2] for build in ORDER]
    assert [section.id for section in build_sections(given.full())] == names


def test_an_empty_recommendation_still_says_verdict_and_method() -> None:
    assert list(by_id(of(given.recommendation(**EMPTY)))) == ["verdict", "flips", "method"]


def test_brief_keeps_to_its_sections_and_says_what_is_left_out() -> None:
    many = given.recommendation(reasons=tuple(given.reason(f"rule_{n}") for n in range(9)))
    sections = by_id(of(many), brief=True)
    assert set(sections) == {build.__module__.rpartition(".")[2] for build in BRIEF}
    assert len(items(sections["reasons"]).items) == 4
    assert items(sections["reasons"]).more == "5 more reasons"


def test_brief_reasons_leave_room_for_one_against() -> None:
    many = given.recommendation(reasons=(*(given.reason(f"rule_{n}") for n in range(9)), given.AGAINST))
    titles = [item.title for item in items(by_id(of(many), brief=True)["reasons"]).items]
    assert given.AGAINST.says in titles


def test_the_verdict_names_its_strongest_reason_and_how_sure_it_is() -> None:
    verdict = by_id(given.full())["verdict"]
    assert first(verdict, Headline).why == given.reason().says
    meter = first(verdict, Meter)
    assert (meter.value, meter.reading) == (0.876, "high, 0.88")
    assert "220 of 251" in meter.says


def test_a_stop_rule_is_the_reason_that_the_verdict_names() -> None:
    stop = given.reason("good_enough", says="The baseline is enough.", decides=True, points=())
    verdict = by_id(of(given.recommendation(approach=Approach.PROMPTING, reasons=(given.reason(), stop))))["verdict"]
    assert first(verdict, Headline).why == "The baseline is enough."


def test_reasons_stand_on_their_side_of_the_verdict() -> None:
    taken = given.reason("slow", says="Search costs time.", points=(Named(name="rag", value=-1.0),))
    section = by_id(of(given.recommendation(reasons=(given.reason(), given.OUTPACED, given.AGAINST, taken))))["reasons"]
    lists = {block.title: [item.title for item in block.items] for block in section.blocks if isinstance(block, Items)}
    assert lists == {
        "For RAG": [given.reason().says],
        "Against it, or for another": [given.AGAINST.says, "Search costs time."],
    }


def test_a_reason_carries_points_grounds_and_the_status_of_its_sources() -> None:
    item = items(by_id(given.full())["reasons"]).items[0]
    assert item.marks == ("RAG +4", "Prompting \N{MINUS SIGN}2")
    assert item.grounds == ("knowledge source: private_documents",)
    assert [source.status for source in item.sources] == ["read at the source", "read second-hand"]
    assert item.sources[0].href == "https://arxiv.org/abs/2312.05934"


@pytest.mark.parametrize(
    ("status", "words"),
    [("derived", "derived by our own arithmetic"), ("remembered", "from memory, not verified"), ("new_one", "new one")],
)
def test_every_status_reads_as_words(status: str, words: str) -> None:
    source = given.PAPER.model_copy(update={"status": status})
    section = by_id(of(given.recommendation(reasons=(given.reason(sources=(source,)),))))["reasons"]
    assert items(section).items[0].sources[0].status == words


def test_points_through_several_ways_are_added_up() -> None:
    points = (Named(name="rag", value=3.0), Named(name="hybrid", value=2.0), Named(name="hybrid", value=-0.5))
    section = by_id(of(given.recommendation(reasons=(given.reason(points=points),))))["reasons"]
    assert items(section).items[0].marks == ("RAG +3", "Hybrid +1.5")


def test_vetoes_of_one_rule_stand_together_with_the_way_back() -> None:
    item = items(by_id(given.full())["vetoes"]).items[0]
    assert item.title == "Fine-tuning and retraining on their own"
    assert item.gist == "Comes back when the facts change no more than monthly."
    assert given.OUTPACED.says in item.text
    assert len(item.sources) == 2


def test_a_veto_of_single_patterns_names_them_and_comes_last() -> None:
    patterns = tuple(
        Veto(approach=Approach.PROMPTING, pattern=name, reach="pattern", rule="large", relax="the text shrinks")
        for name in ("whole_corpus_prompt", "map_reduce")
    )
    full = by_id(of(given.recommendation(vetoes=(*patterns, *given.VETOES))))["vetoes"]
    assert [item.title for item in items(full).items] == [
        "Fine-tuning and retraining on their own",
        "Prompting as whole corpus prompt or map reduce",
    ]
    brief = vetoes.build(of(given.recommendation(vetoes=patterns)), True)
    assert brief is not None
    assert items(brief).items[0].title == "2 patterns of prompting"


def test_flips_speak_in_the_users_units() -> None:
    found = items(by_id(given.full())["flips"]).items
    assert found[0].title == "How often do the facts change?"
    assert "every day" in found[0].text
    assert "once a month or less" in found[0].text
    assert [item.marks for item in found] == [("becomes hybrid",), ("leaves no verdict",)]


def test_without_flips_it_says_that_no_single_change_turns_the_verdict() -> None:
    assert "flips" in by_id(of(given.recommendation(flips=())))
    assert "flips" not in by_id(of(given.recommendation(flips=())), brief=True)


def test_unknowns_say_where_their_answers_lead_and_fold_the_idle_ones_away() -> None:
    section = by_id(given.full())["unknowns"]
    (item,) = items(section).items
    assert item.marks == ("settles 13%",)
    assert item.grounds == ("Prompting: lt_1s", "RAG: 1s_3s, gt_10s")
    assert "1" in first(section, Fold).summary


def test_too_little_known_says_who_leads_and_what_to_answer() -> None:
    sections = by_id(of(given.undecided()))
    assert "31%" in first(sections["verdict"], Callout).text
    assert sections["verdict"].title == "No recommendation yet"
    assert items(sections["unknowns"]).items[0].title == "How long may an answer take?"
    assert {"flips", "pattern"}.isdisjoint(sections)
    assert items(sections["reasons"]).title == "What weighs so far"


def test_everything_vetoed_says_which_constraint_to_give_up_first() -> None:
    sections = by_id(of(given.vetoed()))
    callout = first(sections["verdict"], Callout)
    assert "\N{LEFT DOUBLE QUOTATION MARK}monthly" in callout.text
    assert "brings prompting back" in callout.text
    ways = items(sections["flips"]).items
    assert [way.marks for way in ways] == [("brings prompting back",), ("brings fine-tuning back",)]
    assert "1 to 3 seconds" in ways[1].title
    assert "unknowns" not in sections or all(item.marks for item in items(sections["unknowns"]).items)


def test_a_long_headline_is_large_in_its_first_sentence_only() -> None:
    said = given.undecided(headline="Too little is known. Answer first: \N{LEFT DOUBLE QUOTATION MARK}x?")
    headline = first(by_id(of(said))["verdict"], Headline)
    assert headline.text == "Too little is known."
    assert headline.why.startswith("Answer first")


def test_the_pattern_says_what_to_build_and_when_no_code_stands() -> None:
    section = by_id(given.full())["pattern"]
    assert ("Build first", "Retrieval, measured on fifty questions.") in first(section, KeyValues).pairs
    settings = first(section, Fold).blocks[0]
    assert isinstance(settings, Items)
    by_pattern, by_rule = settings.items
    assert (by_pattern.title, by_pattern.note) == ("retrieval.top_k: 5", "Comes with the pattern")
    assert (by_rule.title, by_rule.note) == ("rag.refuse_without_source: true", "Rule source_must_be_named")
    assert by_rule.text.startswith("Every answer must name its source.")
    assert by_rule.sources[0].status == "read second-hand"
    assert [source.status for source in first(section, Items).items[0].sources] == ["read at the source"]
    chosen = given.recommendation().chosen
    assert chosen is not None
    bare = by_id(of(given.recommendation(chosen=chosen.model_copy(update={"component": None}))))["pattern"]
    assert dict(first(bare, KeyValues).pairs)["Ready code"].startswith("None: the advice stands")


def test_the_plan_keeps_its_order_and_its_signs() -> None:
    steps = first(by_id(given.full())["plan"], Steps).steps
    assert [(step.title, dict(step.signs)["Done when"]) for step in steps] == [
        ("Collect questions", "Two people agree on each."),
        ("Build the index", "hit@5 is 0.9 or more."),
    ]


def test_the_start_is_one_experiment_and_stages_with_their_thresholds() -> None:
    section = by_id(given.full())["stages"]
    experiment = first(section, KeyValues)
    assert experiment.title == "First experiment: Index 100 documents"
    assert dict(experiment.pairs)["At most"] == "5 days"
    assert dict(experiment.pairs)["Stop when"] == "Fewer than 14 of 20 find their passage."
    assert "Figures" not in dict(experiment.pairs)
    assert section.blocks[-1] == Paragraph("Figures for which no source is named are our proposal.", "quiet")
    by_hand, own = first(section, Steps).steps
    assert (by_hand.mark, own.mark) == ("", "recommended")
    assert by_hand.text == "Paste it. (Pattern: Prompt with examples.)"
    assert dict(by_hand.signs)["Go on when"] == "18 of 20 are right."
    assert dict(by_hand.signs)["Figures"].endswith("(read at the source).")
    assert dict(own.signs)["Go back when"] == "The text shrinks."


def test_in_brief_the_start_takes_two_lines() -> None:
    (section,) = [one for one in build_sections(given.full(), brief=True) if one.id == "stages"]
    assert render_text([section]).splitlines() == ["Try first, in 5 days", "  Index 100 documents"]


def test_the_project_says_how_to_run_it() -> None:
    pairs = [
        pair for block in by_id(given.full())["project"].blocks if isinstance(block, KeyValues) for pair in block.pairs
    ]
    assert ("See what it can do", "python -m help_desk --help") in pairs
    assert dict(pairs)["Files"].startswith("2,")


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"approach": Approach.HYBRID}, "Not what was recommended"),
        ({"answers": given.ANSWERS[:1]}, "Written from other answers"),
        ({"rules_digest": "other"}, "Written with other rules"),
    ],
)
def test_a_project_that_differs_from_the_advice_says_so(changes: dict[str, object], title: str) -> None:
    dossier = Dossier(recommendation=given.recommendation(), manifest=given.manifest(**changes))
    assert first(by_id(dossier)["project"], Callout).title == title


def test_a_project_that_fits_the_advice_needs_no_warning() -> None:
    assert not any(isinstance(block, Callout) for block in by_id(given.full())["project"].blocks)


def test_smoke_shows_checks_and_measured_figures() -> None:
    section = by_id(given.full())["smoke"]
    assert first(section, Callout).tone == "good"
    checks, measured = (block for block in section.blocks if isinstance(block, Table))
    assert checks.rows[0] == ("retrieval", "passed", "1.25", "12 questions")
    assert ("retrieval", "hit@5", "0.9167") in measured.rows


def test_a_failed_smoke_says_what_failed_and_that_the_advice_stands() -> None:
    section = by_id(Dossier(recommendation=given.recommendation(), smoke=given.smoke(passed=False)))["smoke"]
    callout = first(section, Callout)
    assert callout.tone == "alarm"
    assert "1 of 2 checks failed" in callout.text
    assert items(section).items[0].text == "answered all the same"


def test_a_smoke_run_without_a_check_is_no_success() -> None:
    broken = given.smoke(passed=False, checks=())
    section = by_id(Dossier(recommendation=given.recommendation(), smoke=broken))["smoke"]
    assert "without a result" in first(section, Callout).text


def test_a_project_whose_checks_never_ran_says_so() -> None:
    section = by_id(Dossier(recommendation=given.recommendation(), manifest=given.manifest()))["smoke"]
    assert first(section, Callout).title == "Not tried yet"


def test_facts_are_told_apart_by_origin() -> None:
    section = by_id(given.full())["facts"]
    folds = [block for block in section.blocks if isinstance(block, Fold)]
    tables = [fold.blocks[0] for fold in folds]
    known, unknown, idle = (table.rows for table in tables if isinstance(table, Table))
    assert known[0] == (
        "How much text is there?",
        "1,200,000 tokens (200,000 to 2 million tokens)",
        "Answered",
    )
    assert known[-1][2] == "Derived: More than 200,000 tokens do not fit."
    assert unknown == (("How long may an answer take?", "latency_p95"),)
    assert idle == (("How long is the history of outcomes?", "history"),)


def test_own_rules_leave_a_trail() -> None:
    section = by_id(of(given.recommendation(own_rules=(("criteria/house.yaml", "added"),))))["method"]
    assert first(section, Table).rows == (("criteria/house.yaml", "added"),)
    assert given.DIGEST in dict(first(section, KeyValues).pairs).values()
    assert not any(isinstance(block, Table) for block in by_id(given.full())["method"].blocks)


def test_a_precedent_says_what_was_chosen_why_and_how_it_differs() -> None:
    section = by_id(given.full())["precedents"]
    (item,) = items(section).items
    assert item.marks[:2] == ("chose RAG (agentic rag)", "as recommended here")
    assert all(reason in item.text.lower() for reason in given.precedent().reasons)
    assert item.note == (
        "Alike in 1 of 2 facts known of both: corpus size. "
        "Not told there, or without meaning there: 2 facts known here."
    )
    assert item.sources[0].status == "read second-hand"
    assert first(section, Table).rows == (("How often do the facts change?", "every day", "never"),)


def test_a_precedent_that_chose_otherwise_is_said_to() -> None:
    other = given.precedent(choice=Approach.FINE_TUNING, variant=None, agrees=False)
    section = by_id(of(given.recommendation(precedents=(given.precedent(), other))))["precedents"]
    assert "1 of these chose otherwise: fine-tuning." in first(section, Paragraph).text
    marks = [item.marks for block in section.blocks if isinstance(block, Items) for item in block.items]
    assert marks[1][:2] == ("chose fine-tuning", "not what is recommended here")


def test_without_a_verdict_a_precedent_is_neither_for_nor_against_it() -> None:
    section = by_id(of(given.undecided(precedents=(given.precedent(agrees=None, kind="described"),))))["precedents"]
    assert items(section).items[0].marks == ("source documents propose RAG (agentic rag)", "nearness 62%")
    assert "otherwise" not in first(section, Paragraph).text


def test_a_precedent_without_a_difference_needs_no_table() -> None:
    section = by_id(of(given.recommendation(precedents=(given.precedent(differs=()),))))["precedents"]
    assert not any(isinstance(block, Table) for block in section.blocks)
