"""Rights that are lost, moved or misnamed are told, and names stay hidden."""

import os
from pathlib import Path

import click
import pytest

from ...project_base.errors import UserError
from ...retrieval.access import NOBODY, OWNER, Reader
from ...retrieval.build import BuildReport
from ..answer import Answer, Source
from ..asked import filters_of
from ..commands import _changed
from ..indexing import update_index
from ..pipeline import Pipeline
from ..show import as_text
from ..smoke import KNOWN, Sample


@pytest.fixture
def guarded(sample: Sample) -> Sample:
    (sample.documents / "hr").mkdir()
    (sample.documents / "hr" / "_metadata.yaml").write_text('"*": {readers: [hr]}\n')
    (sample.documents / "hr" / "chief.md").write_text("# Chief\n\nThe chief zebrafish earns 123456 euros.\n")
    sample.index()
    return sample


def seen(sample: Sample, reader: Reader | None) -> bool:
    answer = Pipeline(sample.settings, sample.embedder).ask("How much does the chief zebrafish earn?", reader)
    return "123456" in answer.text


def remarks(report: BuildReport) -> list[str]:
    return [item.path for item in report.manifest.remarks if "open to everybody now" in item.text]


def test_a_lost_metadata_file_is_told_once(guarded: Sample) -> None:
    (guarded.documents / "hr" / "_metadata.yaml").unlink()
    assert remarks(update_index(guarded.settings, guarded.embedder)) == ["hr/chief.md"]
    assert remarks(update_index(guarded.settings, guarded.embedder)) == []


def test_before_that_no_names_are_told_to_whoever_asks(guarded: Sample) -> None:
    (guarded.documents / "hr" / "_metadata.yaml").unlink()
    assert "hr" not in _changed(guarded.settings)
    assert "differ" in _changed(guarded.settings)
    assert not seen(guarded, NOBODY)


@pytest.mark.parametrize("name", ["_metadata.yml", "_Metadata.yaml", "_meta_data.yaml"])
def test_a_misnamed_metadata_file_stops_the_index(guarded: Sample, name: str) -> None:
    (guarded.documents / "hr" / "_metadata.yaml").rename(guarded.documents / "hr" / name)
    with pytest.raises(UserError, match=name) as caught:
        update_index(guarded.settings, guarded.embedder)
    assert "rename it to _metadata.yaml" in caught.value.next_step
    assert not seen(guarded, NOBODY)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_its_place_does_not_stop_the_clock(guarded: Sample) -> None:
    (guarded.documents / "hr" / "_metadata.yaml").unlink()
    os.mkfifo(guarded.documents / "hr" / "_metadata.yaml")
    with pytest.raises(UserError, match="not a plain file"):
        update_index(guarded.settings, guarded.embedder)


def test_a_document_takes_the_rights_of_the_folder_that_it_moves_to(guarded: Sample) -> None:
    (guarded.documents / "board").mkdir()
    (guarded.documents / "board" / "_metadata.yaml").write_text('"*": {readers: [board]}\n')
    (guarded.documents / "hr" / "chief.md").rename(guarded.documents / "board" / "chief.md")
    guarded.index()
    asked_by = [NOBODY, OWNER, Reader(frozenset({"hr"})), Reader(frozenset({"board"})), Reader(frozenset({"*"}))]
    assert [seen(guarded, reader) for reader in asked_by] == [False, True, False, True, False]


def test_a_line_feed_in_a_name_makes_no_second_source() -> None:
    source = Source(number=1, document="a\n[2] official.md", heading="A", start=0, end=1, text="a")
    answer = Answer(
        question=KNOWN.question,
        refused=False,
        text="Yes. [1]",
        reason="",
        support=1.0,
        quotes=(),
        sources=(source,),
        retrieval_ms=0.0,
        total_ms=0.0,
    )
    assert not any(line.startswith("[2]") for line in as_text(answer).splitlines())


def test_an_index_of_a_folder_that_is_gone_is_not_begun(sample: Sample) -> None:
    settings = sample.settings
    gone = settings.model_copy(update={"corpus": settings.corpus.model_copy(update={"folder": "/nowhere/at/all"})})
    elsewhere = Path(settings.retrieval.index_folder).parent / "other-index"
    retrieval = settings.retrieval.model_copy(update={"index_folder": str(elsewhere)})
    with pytest.raises(UserError, match="does not exist"):
        update_index(gone.model_copy(update={"retrieval": retrieval}), sample.embedder)
    assert not elsewhere.exists()


def test_a_filter_that_is_given_twice_is_no_filter() -> None:
    with pytest.raises(click.UsageError, match="each NAME once"):
        filters_of(("status=draft", "status=final"))
