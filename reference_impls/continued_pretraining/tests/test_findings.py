"""What the evidence says of an amount of text: the thresholds, and what overrules them."""

from pathlib import Path

import pytest

from ...project_base.errors import UserError
from ..check import Check, overruled
from ..documents import encode, read_texts
from ..findings import _of_amount, check_texts
from ..opening import new_model
from .projects import settings, write_texts


def found(folder: Path, encoder: Path, **changes: object) -> Check:
    given = settings(folder, embedding__model=str(encoder), **changes)
    texts = read_texts(given)
    model = new_model(given, texts.texts)
    return check_texts(encode(model, texts), model, given)


@pytest.mark.parametrize(
    ("tokens", "parameters", "least", "name", "weight"),
    [
        (99_999_999, 22_000_000, 100_000_000, "too_few_tokens", "blocking"),
        (100_000_000, 22_000_000, 100_000_000, "enough_tokens", "note"),
        (999_999_999, 7_000_000_000, 100_000_000, "large_model", "warning"),
        (1_000_000_000, 7_000_000_000, 100_000_000, "enough_tokens", "note"),
        (5_000_000, 22_000_000, 1_000_000, "least_tokens_lowered", "warning"),
        (500_000, 22_000_000, 1_000_000, "too_few_tokens", "blocking"),
    ],
)
def test_the_thresholds_of_the_evidence(tokens: int, parameters: int, least: int, name: str, weight: str) -> None:
    (finding,) = _of_amount(tokens, parameters, least)
    assert (finding.id, finding.weight) == (name, weight)
    if weight == "blocking":
        assert "advises against" in finding.says
        assert all(word in finding.instead for word in ("retrieval", "fine-tuning"))


def test_the_check_counts_and_stops_until_it_is_told(tmp_path: Path, encoder: Path) -> None:
    check = found(tmp_path, encoder)
    assert check.domain.documents == 60
    assert check.domain.train + check.domain.validation + check.domain.held_out == 60
    assert 60 * 60 < check.domain.train_tokens < check.domain.tokens < 60 * 250
    with pytest.raises(UserError, match="advises against") as refused:
        overruled(check, [])
    assert "--despite too_few_tokens" in refused.value.next_step
    assert overruled(check, ["too_few_tokens"]) == ("too_few_tokens",)
    with pytest.raises(UserError, match="no finding"):
        overruled(check, ["too_few_labels"])


def test_no_general_text_and_too_little_of_it_are_told(tmp_path: Path, encoder: Path) -> None:
    none = found(tmp_path, encoder, continued_pretraining__general="")
    assert "no_replay" in [finding.id for finding in none.findings]
    few = write_texts(tmp_path / "few", ["It rains today.", "The shop is closed.", "He came late and left early."])
    little = found(tmp_path, encoder, continued_pretraining__general=str(few))
    assert "little_general_text" in [finding.id for finding in little.findings]
    enough = found(tmp_path, encoder)
    assert not {"no_replay", "little_general_text"} & {finding.id for finding in enough.findings}


def test_personal_data_is_found(tmp_path: Path, encoder: Path) -> None:
    warned = settings(tmp_path, embedding__model=str(encoder))
    with (Path(warned.corpus.folder) / "texts.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('{"text": "Write to ilse.marr@example.org about the engine."}\n')
    texts = read_texts(warned)
    model = new_model(warned, texts.texts)
    check = check_texts(encode(model, texts), model, warned)
    assert any(finding.id == "personal_data" and "e-mail" in finding.says for finding in check.findings)
