"""Rows that must stay right: what a new version gets wrong among them is a step back, however good it is on average."""

from collections.abc import Sequence
from pathlib import Path

from ...evaluation.metrics import normalise_answer
from ...labelled_data.base import Example, Model, Task, Writer
from ...labelled_data.reading import read_examples
from ...labelled_data.settings import Settings as DataSettings
from ...project_base.errors import UserError
from ..ladder.judging import judge
from ..ladder.results import Outcome
from .beside import changed_row
from .model_evaluation import Cases


def read_cases(file: str, task: Task, settings: DataSettings) -> tuple[Example, ...]:
    """The rows of the file that `fine_tuning.regression_cases` names.

    Raises:
        UserError: The file is wrong, or one of its rows: each was put there because it matters.
    """
    read = read_examples(Path(file), task, settings)
    if read.faults:
        raise UserError(
            f"{len(read.faults)} rows of fine_tuning.regression_cases cannot be used; the first is {read.faults[0]}",
            "mend the rows, or take them out",
        )
    return read.examples


def ask_cases(task: Task, model: Model, cases: Sequence[Example]) -> list[Outcome]:
    """What a model makes of the cases; a response is right where it says what is wanted, whatever the punctuation."""
    if task != "generation":
        return judge(task, model, cases).outcomes
    assert isinstance(model, Writer)  # noqa: S101 -- as the task says
    written = model.write([case.turns for case in cases])
    return [
        Outcome(
            id=case.place,
            right=normalise_answer(str(case.target)) in normalise_answer(text),
            expected=str(case.target),
            predicted=text,
        )
        for case, text in zip(cases, written, strict=True)
    ]


def judge_cases(
    file: str, cases: Sequence[Example], ours: Sequence[Outcome], theirs: Sequence[Outcome] | None
) -> Cases:
    """Which cases broke, and which neither version has right.

    Args:
        file: Where the cases stand.
        cases: The rows.
        ours: Of this version.
        theirs: Of the other one; None where there is none.
    """
    others = theirs if theirs is not None else [None] * len(cases)
    wrong = [
        (changed_row(case, one, other), other is not None and bool(other.right))
        for case, one, other in zip(cases, ours, others, strict=True)
        if not one.right
    ]
    return Cases(
        file=Path(file).name,
        rows=len(cases),
        right=sum(bool(one.right) for one in ours),
        broken=tuple(row for row, was_right in wrong if was_right),
        still_wrong=tuple(row for row, was_right in wrong if not was_right),
    )
