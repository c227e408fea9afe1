"""Smoke checks of what is looked at before training: repeats, wrong labels, nothing to learn, personal data."""

import random
from collections.abc import Sequence
from pathlib import Path

from ...labelled_data.report import DataReport
from ...labelled_data.settings import Settings as DataSettings
from ...project_base.checks import CheckFailed, Outcome
from ..ladder.checking import CHECK, Checked
from ..ladder.data import Data, read_data
from ..ladder.rungs import LADDERS
from ..settings import ProjectSettings
from .smoke_project import SmokeProject
from .smoke_rows import SAMPLES, Row, rows_of, write_rows

_REPEATED = 6
_CONTRADICTING = 2
_LETTER = " Please write to jane.roe@mail.example or call +44 20 7946 0018, card 4111 1111 1111 1111."


def looked_at(project: SmokeProject) -> Outcome:
    """Planted repeats stand on one side of the split each, and labels that contradict their twins are named."""
    rows = rows_of(SAMPLES[project.task])
    count = len(rows)
    # Long texts stay nearly the same with another beginning.
    originals = sorted(range(count), key=lambda place: -len(str(_text(rows[place]))))[:_REPEATED]
    rows += [_again(rows[place], contradicts=turn < _CONTRADICTING) for turn, place in enumerate(originals)]
    config = _config(project, "looked-at", rows)
    report = DataReport.model_validate_json(project.asked("check", "--format", "json", config=config).out)
    data = read_data(project.settings_of(config))
    side, group, examples = _sides(data), data.groups.group.tolist(), data.read.examples
    for turn, place in enumerate(originals):
        if group[place] != group[count + turn]:
            raise CheckFailed(f"{examples[count + turn].place} repeats {examples[place].place}, and that was not found")
    stands: dict[int, set[str | None]] = {}
    for place, number in enumerate(group):
        stands.setdefault(number, set()).add(side.get(place))
    if any(len(names) > 1 for names in stands.values()):
        raise CheckFailed("a group of near-duplicates stands on two sides of the split")
    named = {(conflict.first, conflict.second) for conflict in report.conflicts}
    planted = {(examples[place].place, examples[count + turn].place) for turn, place in enumerate(originals)}
    if len(planted & named) != _CONTRADICTING:
        raise CheckFailed(f"of {_CONTRADICTING} wrong labels {len(planted & named)} were found by their twins")
    return Outcome(
        f"{report.usable} rows: {report.repeats.exact} exact and {report.repeats.near} near repeats, none on two sides "
        f"of the split; {report.conflicting} rows contradict their twin",
        {
            "rows": report.usable,
            "repeats": report.repeats.exact + report.repeats.near,
            "contradictions": report.conflicting,
            "check_seconds": report.seconds,
        },
    )


def nothing_to_learn(project: SmokeProject) -> Outcome:
    """Labels that follow from nothing are told from others, and training on them is refused as the settings say."""
    rows = rows_of(SAMPLES[project.task])
    draw = random.Random(1)  # noqa: S311 -- no secret
    if project.task == "classification":
        labels = [row["intent"] for row in rows]
        draw.shuffle(labels)
        rows = [{**row, "intent": label} for row, label in zip(rows, labels, strict=True)]
    else:
        rows = [{**row, "spans": _anywhere(row, draw)} for row in rows]
    report, refusal = _refused(project, _config(project, "random", rows))
    if report.probe is None or report.probe.verdict != "nothing_to_learn":
        raise CheckFailed(f"random labels: {report.probe.why if report.probe else 'not looked at'}")
    wanted = project.settings_of().labelled_data.probe == "refuse"
    if bool(refusal) != wanted:
        raise CheckFailed(f"labelled_data.probe is {'refuse' if wanted else 'warn'}, and training said: {refusal}")
    return Outcome(f"{'refused: ' if refusal else ''}{report.probe.why}", {"p_of_random_labels": report.probe.p or 0.0})


def personal_data(project: SmokeProject) -> Outcome:
    """An address, a telephone number and a card number in one text are found, and stop the training where they must."""
    rows = rows_of(project.examples)
    name = "instruction" if project.task == "generation" else "text"
    rows[0] = {**rows[0], name: f"{rows[0][name]}{_LETTER}"}
    report, refusal = _refused(project, _config(project, "personal", rows))
    found = report.personal_data
    if found is None or len(found.kinds) < 3:
        raise CheckFailed(f"of three kinds of personal data {len(found.kinds) if found else 0} were found")
    wanted = project.settings_of().labelled_data.personal_data == "refuse"
    if bool(refusal) != wanted:
        raise CheckFailed(
            f"labelled_data.personal_data is {'refuse' if wanted else 'warn'}, and training said: {refusal}"
        )
    kinds = ", ".join(kind.kind for kind in found.kinds)
    return Outcome(f"{'refused, having' if refusal else 'told of, having'} found: {kinds}", {"kinds": len(found.kinds)})


def own_data(settings: ProjectSettings) -> Outcome:
    """The data that the owner has configured can be read and split."""
    data = read_data(settings)
    faults = len(data.read.faults) + (len(data.read_test.faults) if data.read_test else 0)
    return Outcome(
        f"{data.read.rows} rows read ({data.read.columns}), {faults} of which cannot be used: {len(data.train)} train, "
        f"{len(data.validation)} validate, {len(data.test)} test; `check` says more",
        {"own_rows": data.read.rows, "own_faults": faults},
    )


def _refused(project: SmokeProject, config: Path) -> tuple[DataReport, str]:
    """What the check found, and with which words training was refused; empty where it was not."""
    said = project.run("train", LADDERS[project.task][0].name, config=config)
    settings = project.settings_of(config)
    checked = Path(settings.fine_tuning.runs_folder) / CHECK
    return Checked.model_validate_json(checked.read_bytes()).report, said.told if said.code else ""


def _config(project: SmokeProject, name: str, rows: Sequence[Row]) -> Path:
    file = write_rows(project.folder / f"{name}{project.examples.suffix}", rows)
    runs, models = project.folder / f"{name}-runs", project.folder / f"{name}-models"
    given = DataSettings()
    return project.write_config(
        f"{name}.yaml",
        fine_tuning={"examples": str(file), "runs_folder": str(runs)},
        labelled_data={
            "split": given.split,
            "validation_share": given.validation_share,
            "test_share": given.test_share,
        },
        registry={"folder": str(models)},
    )


def _text(row: Row) -> object:
    return row.get("text", row.get("instruction"))


def _again(row: Row, *, contradicts: bool) -> Row:
    """The same row once more, begun in another way; or the same text with another target."""
    if contradicts:
        other: Row = {"intent": "something else", "spans": [], "response": "Nothing of the kind."}
        return {**row, **{key: value for key, value in other.items() if key in row}}
    name = "text" if "text" in row else "instruction"
    spans = row.get("spans")
    moved = [{**each, "start": each["start"] + 3, "end": each["end"] + 3} for each in spans or ()]
    return {**row, name: f"Hi {row[name]}", **({"spans": moved} if spans is not None else {})}


def _anywhere(row: Row, draw: random.Random) -> list[dict[str, object]]:
    """As many spans as the row has, of the same labels, each over any word."""
    spans, text = row["spans"], str(row["text"])
    words = [place for place in range(len(text)) if text[place].isalnum() and (not place or text[place - 1] == " ")]
    picked = sorted(draw.sample(words, min(len(words), len(spans))))
    ends = [text.find(" ", place) if " " in text[place:] else len(text) for place in picked]
    labels = [each["label"] for each in spans]
    draw.shuffle(labels)
    return [
        {"start": start, "end": end, "label": label} for start, end, label in zip(picked, ends, labels, strict=False)
    ]


def _sides(data: Data) -> dict[int, str]:
    named = {"train": data.split.train, "validation": data.split.validation, "test": data.split.test}
    return {place: name for name, places in named.items() for place in places}
