"""The compiled copy of the rules: the same knowledge, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.knowledge import load_knowledge
from advisor.knowledge.compiled import cache_path, read_compiled, write_compiled


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def copies(cache: Path) -> list[Path]:
    return sorted(cache.rglob("rules-*.json"))


def test_a_copy_holds_what_the_files_hold(own_cache: Path) -> None:
    first = load_knowledge()
    (copy,) = copies(own_cache)
    again = load_knowledge()
    write_compiled(again, copy.with_name("rules-again.json"))
    write_compiled(first, copy.with_name("rules-first.json"))
    assert copy.with_name("rules-again.json").read_bytes() == copy.with_name("rules-first.json").read_bytes()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"class": "Rule", "fields": []}', b"\xff\x00", None])
def test_a_damaged_copy_is_made_anew(own_cache: Path, damage: bytes | None) -> None:
    digest = load_knowledge().digest
    (copy,) = copies(own_cache)
    whole = copy.read_bytes()
    copy.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert read_compiled(copy) is None
    assert load_knowledge().digest == digest
    assert copy.read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_done_without(own_cache: Path) -> None:
    own_cache.write_text("a file where the folder should be")
    assert load_knowledge().digest == load_knowledge().digest


def test_a_changed_rule_is_seen_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "own" / "criteria"
    folder.mkdir(parents=True)
    text = (
        "criterion: house\ntitle: House rules\nrules:\n  - id: house_rule\n    says: {}\n"
        "    when: {{citations: helpful}}\n"
        "    effect: {{support: {{rag: 1}}}}\n    because: it is ours\n    strength: mild\n"
        "    sources: [{{claim: C30}}]\n"
        "    cases: {{fires: [{{citations: helpful}}], silent: [{{citations: 'no'}}], unknown: [{{}}]}}\n"
    )
    (folder / "house.yaml").write_text(text.format("The first text."))
    before = load_knowledge(tmp_path / "own")
    (folder / "house.yaml").write_text(text.format("The second text."))
    after = load_knowledge(tmp_path / "own")
    assert before.rule("house_rule").says == "The first text."
    assert after.rule("house_rule").says == "The second text."
    assert after.own == (("criteria/house.yaml", "added"),)
    assert before.digest != after.digest


def test_copies_do_not_pile_up(own_cache: Path) -> None:
    knowledge = load_knowledge()
    for number in range(12):
        write_compiled(knowledge, cache_path(f"{number}", ()))
    assert len(copies(own_cache)) == 8
