"""What documents bring along reaches the index, and a change of it is noticed."""

import json
from pathlib import Path

import pytest

from ...project_base.errors import UserError
from ...retrieval.index import Index, open_index
from ...retrieval.manifest import MANIFEST
from ..indexing import documents_changed, update_index
from ..smoke import KNOWN, Sample

ROWS = ["part,price of the part", "Solar panel S9,129 euros", "Wall holder W4,19 euros"]


def write_rows(sample: Sample, rows: list[str]) -> Path:
    file = sample.documents / "parts.csv"
    file.write_text("\n".join(rows) + "\n")
    return file


def opened(sample: Sample) -> Index:
    settings = sample.settings
    return open_index(settings.corpus, settings.retrieval, settings.vector_stores, sample.embedder.id)


def test_a_row_is_cited_and_a_changed_row_alone_is_embedded_again(sample: Sample) -> None:
    write_rows(sample, ROWS)
    assert documents_changed(sample.settings) == ["parts.csv"]
    assert update_index(sample.settings, sample.embedder).embedded == 2
    assert documents_changed(sample.settings) == []
    answer = sample.ask("What is the price of the part solar panel S9?")
    assert "129 euros" in answer.text
    assert answer.sources[0].document == "parts.csv#row=2"

    write_rows(sample, [ROWS[0], "Solar panel S9,139 euros", ROWS[2]])
    assert documents_changed(sample.settings) == ["parts.csv"]
    assert update_index(sample.settings, sample.embedder).embedded == 1
    assert "139 euros" in sample.ask("What is the price of the part solar panel S9?").text

    write_rows(sample, [ROWS[0], ROWS[2]])
    update_index(sample.settings, sample.embedder)
    assert not [chunk for chunk in opened(sample).chunks if "S9" in chunk.text and chunk.document.startswith("parts")]


def test_a_broken_row_is_listed_and_is_no_change(sample: Sample) -> None:
    write_rows(sample, [*ROWS, "no price"])
    manifest = update_index(sample.settings, sample.embedder).manifest
    assert [item.path for item in manifest.skipped] == ["parts.csv#row=4"]
    assert documents_changed(sample.settings) == []


def test_new_rights_reach_the_index_without_embedding(sample: Sample) -> None:
    assert {item.readers for item in opened(sample).manifest.documents} == {("*",)}
    rights = sample.documents / "_metadata.yaml"
    rights.write_text('"returns.md": {readers: [service], team: care}\n')
    assert documents_changed(sample.settings) == ["_metadata.yaml"]
    old = {item.path: item.sha256 for item in opened(sample).manifest.documents}
    report = update_index(sample.settings, sample.embedder)
    assert report.embedded == 0
    assert [item.path for item in report.manifest.documents if item.sha256 != old[item.path]] == ["returns.md"]
    restricted = [item for item in report.manifest.documents if item.readers != ("*",)]
    assert [(item.path, item.readers, item.metadata) for item in restricted] == [
        ("returns.md", ("service",), {"team": "care"})
    ]
    rights.unlink()
    assert documents_changed(sample.settings) == ["_metadata.yaml"]
    update_index(sample.settings, sample.embedder)
    assert {item.readers for item in opened(sample).manifest.documents} == {("*",)}


def test_unclear_rights_leave_the_old_index(sample: Sample) -> None:
    (sample.documents / "_metadata.yaml").write_text('"returns.md": {readers: service}\n')
    with pytest.raises(UserError, match="readers is no list of names"):
        update_index(sample.settings, sample.embedder)
    assert not sample.ask(KNOWN.question).refused


def test_an_index_of_an_older_format_asks_for_a_rebuild(sample: Sample) -> None:
    manifest = Path(sample.settings.retrieval.index_folder, MANIFEST)
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format_version": 1}))
    with pytest.raises(UserError) as caught:
        sample.ask(KNOWN.question)
    assert "another version" in caught.value.message
    assert "index --rebuild" in caught.value.next_step
    update_index(sample.settings, sample.embedder, rebuild=True)
    assert not sample.ask(KNOWN.question).refused
