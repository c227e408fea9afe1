"""Tries a prompt on the evaluation set."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ...project_base.errors import UserError
from ...project_base.progress import Progress, silent
from ...project_base.rooms import command_line
from ..asking.answered import Answered, Answerer
from ..asking.journal import Journal
from ..asking.messages import fenced, system_message
from ..asking.paying import PayingModel
from ..asking.tokens import estimated_tokens, tokens_of
from ..documents.map_reduce import DocumentReading, add_up, read_each, without_unsupported
from ..documents.tally import as_table, tally
from ..documents.wording import word_result
from ..items.base import Item
from ..items.checking import check_items
from ..prompts.versions import keep_version
from .figures import cost_of, latency, mean_of, quality_of
from .opening import Opened, items_digest
from .scoring import Mark, mark
from .shelf import versions_tried
from .trial import Effort, MergedField, PromptUsed, Reduced, Row, Trial

Told = Callable[[str], object]


def try_prompt(opened: Opened, journal: Journal, progress: Progress = silent) -> Trial:
    """Answers every item, judges it, and says what it took.

    Args:
        opened: The project.
        journal: Keeps every answer as it comes; a run that was killed goes on where it was.
        progress: Hears of each item.

    Raises:
        UserError: The evaluation set has faults that `check` names, the prompt has changed under its number, or the
            model cannot be reached; answers that were paid for stay in the journal.
    """
    _refuse_faults(opened)
    keep_version(opened.runs_folder, opened.prompt)
    if opened.reduce_prompt is not None:
        keep_version(opened.runs_folder, opened.reduce_prompt)
    paying = opened.paying(journal)
    answerer = opened.answerer(paying)
    reduced: Reduced | None = None
    if opened.own.method == "map_reduce":
        answered, reduced = _read_documents(opened, answerer, paying, progress)
    else:
        answered = _answer_items(opened, answerer, progress)
    marks = [mark(item, each, opened.prompt.measure) for item, each in zip(opened.items, answered, strict=True)]
    rows = tuple(_row(opened, *each) for each in zip(opened.items, answered, marks, strict=True))
    digest = items_digest(opened.items)
    documents = opened.documents
    return Trial(
        key=opened.key(),
        when=datetime.now(UTC).isoformat(timespec="microseconds"),
        method=opened.own.method,
        prompt=PromptUsed(name=opened.prompt.name, version=opened.prompt.version, sha256=opened.prompt.sha256),
        model=answerer.name,
        stand_in=answerer.stand_in,
        items_sha256=digest,
        versions_tried=versions_tried(opened.runs_folder, digest, opened.prompt.sha256),
        target=opened.own.target,
        shots=min(opened.own.shots, len(opened.examples)),
        left_out=documents.left_out if documents else (),
        suspicious=documents.suspicious if documents else (),
        quality=quality_of(opened.prompt.measure, marks, answered),
        effort=_effort(opened, rows, answered, journal.asked_again),
        rows=rows,
        reduced=reduced,
    )


def _refuse_faults(opened: Opened) -> None:
    found = check_items(opened.items, opened.examples, opened.prompt, opened.own.target)
    errors = [finding.text for finding in found if finding.severity == "error"]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise UserError(f"the evaluation set has faults: {errors[0]}{more}", command_line("check"))


def _answer_items(opened: Opened, answerer: Answerer, progress: Progress) -> list[Answered]:
    inputs = [item.input for item in opened.items]
    advance = progress("asking", len(inputs))
    found = dict(answerer.answer_many(inputs, advance))
    return [found[number] for number in range(len(inputs))]


def _read_documents(
    opened: Opened, answerer: Answerer, paying: PayingModel | None, progress: Progress
) -> tuple[list[Answered], Reduced]:
    documents = opened.documents
    if documents is None:
        raise ValueError("map_reduce reads documents")
    unknown = [item for item in opened.items if documents.find(item.input) is None]
    if unknown:
        raise UserError(
            f"{unknown[0].place}: there is no document {unknown[0].input} in {opened.settings.corpus.folder}",
            "for map_reduce, the input of an item is the path of a document below corpus.folder",
        )
    advance = progress("reading", len(documents.documents))
    readings = {reading.path: reading for reading in read_each(answerer, documents, advance)}
    ordered = [readings[document.path] for document in documents.documents]
    specs = opened.prompt.declaration.fields
    tallies = add_up(specs, ordered)
    failed = tuple(reading.path for reading in ordered if not reading.answered.valid)
    table = as_table(tallies, len(ordered) - len(failed))
    wording = word_result(opened.reduce_prompt, paying, table, opened.own.question)
    reduced = Reduced(
        documents=len(ordered),
        failed=failed,
        unsupported=sum(len(reading.unsupported) for reading in ordered),
        tallies=tallies,
        question=opened.own.question,
        text=wording.text,
        unknown_figures=wording.unknown_figures,
        merged=_merged(opened, [readings[item.input] for item in opened.items]),
    )
    return [without_unsupported(readings[item.input]) for item in opened.items], reduced


def _merged(opened: Opened, readings: Sequence[DocumentReading]) -> tuple[MergedField, ...]:
    """The figures of the labelled documents, as read and as wanted."""
    specs = opened.prompt.declaration.fields
    read = add_up(specs, readings)
    wanted = tally(specs, [item.fields or {} for item in opened.items])
    found = []
    for one, other in zip(read, wanted, strict=True):
        if one.total is not None or other.total is not None:
            found.append(MergedField(field=one.field, value="sum", read=one.total or 0, wanted=other.total or 0))
        found += [
            MergedField(field=one.field, value=value, read=one.counts.get(value, 0), wanted=other.counts.get(value, 0))
            for value in sorted(one.counts.keys() | other.counts.keys())
        ]
    return tuple(found)


def _row(opened: Opened, item: Item, answered: Answered, given: Mark) -> Row:
    usage = answered.usage
    return Row(
        id=item.id,
        item_sha256=item.sha256,
        input=item.input,
        wanted=item.wanted(),
        output=answered.output.text,
        right=given.right,
        problems=answered.output.problems,
        refused=answered.refused,
        repaired=answered.repaired,
        wrong_fields=given.wrong_fields,
        ms=round(1000 * answered.seconds, 3),
        tokens_read=usage.prompt,
        tokens_cached=usage.cached,
        tokens_written=usage.completion,
        cost=cost_of(usage, opened.own),
    )


def _effort(opened: Opened, rows: Sequence[Row], answered: Sequence[Answered], asked_again: int) -> Effort:
    calls = [paid for each in answered for paid in each.calls]
    p50, p95 = latency(rows)
    taken = [row for row in rows if not row.refused]
    costs = [row.cost for row in taken]
    each = mean_of(costs)
    shots = opened.shots.of([row.input for row in rows]) if opened.examples and opened.own.shots else []
    example = sum(estimated_tokens(shot.input) + estimated_tokens(shot.wanted()) for chosen in shots for shot in chosen)
    corpus, counted = _corpus_tokens(opened)
    inputs = [_input_text(opened, item) for item in opened.items]
    return Effort(
        ms_p50=p50,
        ms_p95=p95,
        retried=sum(any(paid.call.reply.attempts > 1 for paid in one.calls) for one in answered),
        waited_s=round(sum(paid.call.reply.waited for paid in calls if paid.fresh), 3),
        read=mean_of([row.tokens_read for row in taken]),
        cached=mean_of([row.tokens_cached for row in taken]),
        written=mean_of([row.tokens_written for row in taken]),
        instruction_tokens=estimated_tokens(system_message(opened.prompt)["content"]),
        example_tokens=round(example / len(rows)),
        input_tokens=round(sum(map(estimated_tokens, inputs)) / len(inputs)),
        corpus_tokens=corpus,
        corpus_counted=counted,
        cost_per_item=each,
        cost=sum(cost for cost in costs if cost is not None) if each is not None else None,
        currency=opened.own.currency,
        fresh=sum(paid.fresh for paid in calls),
        reused=sum(not paid.fresh for paid in calls),
        asked_again=asked_again,
    )


def _input_text(opened: Opened, item: Item) -> str:
    document = opened.documents.find(item.input) if opened.own.method == "map_reduce" and opened.documents else None
    return document.text if document else item.input


def _corpus_tokens(opened: Opened) -> tuple[int, bool]:
    if opened.corpus is not None:
        return opened.corpus.tokens, opened.corpus.counted
    if opened.documents is None:
        return 0, False
    each = [
        tokens_of(opened.chat_model, [{"role": "user", "content": fenced(document.text, "document")}])
        for document in opened.documents.documents
    ]
    return sum(tokens for tokens, _ in each), all(counted for _, counted in each)
