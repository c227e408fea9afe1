"""Judges a tuned writer: near the editors' wording with every fact in it, beside the facts as stated and no facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...evaluation.questions import read_questions
from ...generators.writer import CausalWriter
from ...labelled_data.base import Example
from ...registry.version import Version
from ...retrieval.access import Reader
from ..base import Work
from ..evaluation import Table, TwoByTwo, two_by_two
from ..settings import ProjectSettings
from ..tuned_half import digest_of_version, held_out_data, newest
from ..tuned_helper.judging import right_of
from ..tuned_writer import LiveWriter, notices, untuned_writer
from .answers import WrittenAnswers, open_written
from .survival import lost
from .writing import HouseWriter, Worded, chrf, house_words, stated_in

MEASURE = "nearness to the editors' wording (chrF), 0 where a fact was lost"


def made_by_writer(version: Version) -> bool:
    """Whether a version writes."""
    return version.about.get("task") == "generation"


@dataclass(frozen=True)
class _Wrote:
    worded: Sequence[Worded]
    memory: Sequence[str]


def judge_writer(settings: ProjectSettings, work: Work) -> TwoByTwo:
    """Words the test drafts with base and tuned writer, and asks the questions of `rag.questions` live.

    The stated facts as they are stand for retrieval alone. The writer alone gets the question without the facts.

    Raises:
        UserError: There is no version, its data or its base model changed, or a half cannot be opened.
    """
    version = newest(settings, work.version, made_by_writer)
    data = held_out_data(settings, version)
    test = data.test
    house = house_words(data.known)
    base_model = untuned_writer(settings, version)
    said = notices([base_model])
    base = _wrote(base_model, test, house, work, "the untuned writer")
    del base_model
    live = LiveWriter(settings, version.id)
    tuned = _wrote(live.current(), test, house, work, version.id)
    answers = open_written(settings, Work(version=version.id, tell=work.tell))
    measured, table, index = _live(settings, answers, work)
    unstyled = [bool(each.faults) for each in tuned.worded]
    wanted = [str(example.target) for example in test]
    kinds = _kinds(tuned.worded)
    return two_by_two(
        "rag_then_writer",
        MEASURE,
        [example.place for example in test],
        {
            "base": _from_memory(base, test, wanted, house),
            "base_retrieval": [chrf(each.draft, want) for each, want in zip(tuned.worded, wanted, strict=True)],
            "tuned": _from_memory(tuned, test, wanted, house),
            "tuned_retrieval": [chrf(each.text, want) for each, want in zip(tuned.worded, wanted, strict=True)],
        },
        systems={
            "base": "the untuned writer without stated facts",
            "base_retrieval": "the stated facts as they are",
            "tuned": "the tuned writer without stated facts",
            "tuned_retrieval": "the stated facts, worded by the tuned writer and checked",
        },
        groups=[example.group for example in test] if all(example.group for example in test) else (),
        graded=True,
        least_gain=settings.hybrid.least_gain,
        version=version.id,
        model_sha256=digest_of_version(version),
        index=index,
        measured={
            "returned_unstyled": sum(unstyled) / len(unstyled),
            "untuned_writer_checked": _mean(
                [chrf(each.text, want) for each, want in zip(base.worded, wanted, strict=True)]
            ),
            "untuned_writer_returned_unstyled": _mean([float(bool(each.faults)) for each in base.worded]),
            **measured,
        },
        tables=(table, kinds),
        notes=(
            "chrF counts letters and no taste: have editors read some of the answers",
            "the check sees figures, names, quotes, citations and denials, and no other turn of the sense",
            *said,
        ),
        item_notes=["; ".join(each.faults) or "styled" for each in tuned.worded],
        contents=[f"{example.text}\n{example.target}" for example in test],
    )


def _wrote(model: CausalWriter, test: Sequence[Example], house: str, work: Work, name: str) -> _Wrote:
    writer = HouseWriter(lambda: model, house)
    stated = [stated_in(example) for example in test]
    worded = writer.word_all(stated, work.progress(f"{name} words drafts", len(test)))
    return _Wrote(worded, writer.from_memory([question or draft for question, draft in stated]))


def _from_memory(wrote: _Wrote, test: Sequence[Example], wanted: Sequence[str], house: str) -> list[float]:
    """Without the stated facts: what is near the wanted wording counts only where every fact is in it."""
    drafts = [stated_in(example)[1] for example in test]
    return [
        0.0 if lost(draft, text, house) else chrf(text, want)
        for draft, text, want in zip(drafts, wrote.memory, wanted, strict=True)
    ]


def _live(settings: ProjectSettings, answers: WrittenAnswers, work: Work) -> tuple[dict[str, float], Table, str]:
    """What became of the project's questions, from search to style."""
    questions = read_questions(Path(settings.rag.questions))
    advance = work.progress("asking", len(questions))
    before, after, took = [], [], []
    for question in questions:
        reply = answers.ask(question.question, Reader(frozenset()))
        stated = reply.retrieved
        before.append(float(stated is not None and right_of(question, stated.text, refused=stated.refused)))
        after.append(float(right_of(question, reply.text, refused=reply.refused)))
        took.append(reply.total_ms)
        advance(1)
    counts = answers.counts
    turned = sum(one > other for one, other in zip(before, after, strict=True))
    table = Table(
        title="Questions of rag.questions, asked live",
        columns=("questions", "right as stated", "right as sent", "right ones turned wrong", "styled", "unstyled"),
        rows=((len(questions), _mean(before), _mean(after), turned, counts["styled"], counts["unstyled"]),),
    )
    figures = {"right_as_stated": _mean(before), "right_as_sent": _mean(after), "answer_ms_mean": _mean(took)}
    return figures, table, answers.index


def _kinds(worded: Sequence[Worded]) -> Table:
    """How often what was lost."""
    counts: dict[str, int] = {}
    for each in worded:
        for kind in {fault.partition(":")[0] for fault in each.faults}:
            counts[kind] = counts.get(kind, 0) + 1
    rows = tuple((kind, count) for kind, count in sorted(counts.items(), key=lambda item: -item[1]))
    return Table(title="Why rewritings were put aside", columns=("what", "drafts"), rows=rows or (("nothing", 0),))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
