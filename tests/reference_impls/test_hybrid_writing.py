"""Properties of the check of a rewriting, and of the split by document."""

from __future__ import annotations

import random
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impls.evaluation.questions import Question
from reference_impls.hybrid.pairs import split_by_document
from reference_impls.hybrid.rag_then_writer.survival import lost
from reference_impls.hybrid.rag_then_writer.writing import chrf
from reference_impls.labelled_data.settings import Settings as DataSettings
from reference_impls.project_base.errors import UserError

_NAMES = ("Vienna", "Bridge B1", "Halcyard", "HMAC-SHA256", "Tag T2")
_UNITS = ("months", "euros", "seconds", "readings", "")
_SENTENCE = st.builds(
    lambda name, number, unit, mark: f"For {name} it is {number} {unit}".strip() + f" [{mark}].",
    st.sampled_from(_NAMES),
    st.integers(0, 9999),
    st.sampled_from(_UNITS),
    st.integers(1, 9),
)
_DRAFT = st.lists(_SENTENCE, min_size=1, max_size=6)


@given(_DRAFT, st.randoms())
def test_sentences_in_another_order_survive(sentences: list[str], chance: random.Random) -> None:
    other = sentences.copy()
    chance.shuffle(other)
    assert lost(" ".join(sentences), "\n".join(other)) == ()


@given(_DRAFT, st.data())
def test_a_changed_number_never_survives(sentences: list[str], data: st.DataObject) -> None:
    draft = " ".join(sentences)
    numbers = list(re.finditer(r"(?<= it is )\d+", draft))
    chosen = data.draw(st.sampled_from(numbers))
    changed = draft[: chosen.start()] + str(int(chosen[0]) + 10_000) + draft[chosen.end() :]
    assert lost(draft, changed)


@given(_DRAFT)
def test_a_citation_that_is_left_out_never_survives(sentences: list[str]) -> None:
    draft = " ".join(sentences)
    assert lost(draft, re.sub(r" \[\d\]", "", draft, count=0))


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    assert all(isinstance(each, str) for each in lost(one, other))
    assert 0.0 <= chrf(one, other) <= 1.0 + 1e-9
    assert chrf(one, one) >= 0.999


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sets(st.integers(0, 11), max_size=3), min_size=12, max_size=40), st.integers(0, 5))
def test_no_document_ever_stands_on_two_sides(documents: list[set[int]], seed: int) -> None:
    words = random.Random(seed)
    questions = [
        Question(
            id=f"q{place}",
            question=" ".join("".join(words.choices("abcdefghijklmnop", k=7)) for _ in range(4)),
            gold_docs=tuple(f"d{each}.md" for each in sorted(named)),
        )
        for place, named in enumerate(documents)
    ]
    try:
        pairs = split_by_document(questions, DataSettings(seed=seed))
    except UserError:
        # Where everything hangs together nothing can be set aside.
        return
    train, validation, test = (pairs.documents(side) for side in (pairs.train, pairs.validation, pairs.test))
    assert not train & validation
    assert not train & test
    assert not validation & test
