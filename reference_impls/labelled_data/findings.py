"""What the check concludes: why training is refused, and what else is to be known."""

from collections.abc import Iterator

from .balance import Balance, balance_remarks
from .base import Task
from .duplicates import Repeats
from .lengths import Lengths
from .personal_data import PersonalData
from .probe import Probe
from .reading import Fault, Read
from .report import Finding
from .settings import Settings
from .splits import Split

_MUCH_CUT = 0.01
_MUCH_LEFT_OUT = 0.2
_MANY_REPEATS = 0.2
_MANY_WRONG = 0.02
_LARGE_GROUP = 0.1


def faults_of(read: Read, read_test: Read | None) -> tuple[Fault, ...]:
    """The rows of all files that cannot be used."""
    return (*read.faults, *(read_test.faults if read_test else ()))


def findings(
    faults: int,
    rows: int,
    balance: Balance | None,
    personal: PersonalData | None,
    probe: Probe | None,
    task: Task,
    settings: Settings,
) -> Iterator[Finding]:
    """Why training is refused.

    Args:
        faults: Rows that cannot be used.
        rows: Rows that can.
        balance: The labels of the examples.
        personal: What was found of personal data.
        probe: Whether there is something to learn.
        task: What the examples are for.
        settings: What is allowed.
    """
    if faults and settings.bad_rows == "refuse":
        yield Finding(
            name="bad_rows",
            text=f"{faults:,} of {faults + rows:,} rows cannot be used",
            next_step="mend them, or set labelled_data.bad_rows to skip and train without them",
        )
    if task == "classification" and balance is not None and len(balance.labels) < 2:
        yield Finding(
            name="one_label",
            text=f"all examples have the label {balance.labels[0].label!r}, so there is nothing to tell apart",
            next_step="add examples of at least one other label, or set labelled_data.label to the right column",
        )
    if task == "extraction" and balance is not None and not balance.labels:
        yield Finding(
            name="no_spans",
            text="no example has a span, so there is nothing to find",
            next_step="label spans, or set labelled_data.spans to the right column",
        )
    if personal is not None and personal.rows and settings.personal_data == "refuse":
        kinds = ", ".join(f"{kind.kind}: {kind.hits:,}" for kind in personal.kinds)
        yield Finding(
            name="personal_data",
            text=f"{personal.rows:,} rows hold personal data ({kinds}), which a trained model may give away",
            next_step="remove or replace it; where training on it is allowed, set labelled_data.personal_data to warn",
        )
    if probe is not None and probe.verdict == "nothing_to_learn" and settings.probe == "refuse":
        yield Finding(
            name="nothing_to_learn",
            text=probe.why,
            next_step="look whether labelled_data names the right columns and whether two people would label alike; "
            "where the answer lies in the order of the words alone, set labelled_data.probe to warn",
        )


def notes(
    read: Read,
    read_test: Read | None,
    split: Split,
    balance: Balance | None,
    repeats: Repeats,
    conflicts: int,
    suspects: int,
    lengths: Lengths,
    personal: PersonalData | None,
    probe: Probe | None,
    task: Task,
    settings: Settings,
) -> Iterator[str]:
    """What is to be known beside the figures; a note says what to do where something can be done."""
    rows = len(read.examples) + (len(read_test.examples) if read_test else 0)
    yield from read.remarks
    yield from read_test.remarks if read_test else ()
    faults = len(faults_of(read, read_test))
    if faults and settings.bad_rows == "skip":
        yield f"{faults:,} rows cannot be used and are left out (labelled_data.bad_rows: skip)"
    yield from balance_remarks(balance, settings) if balance and balance.labels else ()
    yield from split.remarks
    yield from _repeat_notes(rows, repeats, conflicts, task)
    yield from _left_out_notes(split, read_test is not None, len(read.examples))
    if suspects > _MANY_WRONG * len(read.examples):
        yield f"{suspects:,} labels are likely wrong, which limits what any model can reach: look at the listed ones"
    if lengths.cut > _MUCH_CUT * rows:
        yield (
            f"{lengths.cut:,} texts are longer than the {lengths.limit} tokens that the model reads, and are cut: "
            "raise its limit where it allows that, or put what matters first"
        )
    if probe is not None and task != "generation" and (probe.verdict == "cannot_tell" or settings.probe == "warn"):
        yield probe.why
    if personal is not None and personal.rows and settings.personal_data == "warn":
        yield f"{personal.rows:,} rows hold personal data, which a trained model may give away"


def _repeat_notes(rows: int, repeats: Repeats, conflicts: int, task: Task) -> Iterator[str]:
    if repeats.exact + repeats.near > _MANY_REPEATS * rows:
        repeated = repeats.exact + repeats.near
        yield f"{repeated:,} of {rows:,} rows repeat others: there is less to learn from than it seems"
    if repeats.largest > _LARGE_GROUP * rows and repeats.largest > 2:
        yield (
            f"{repeats.largest:,} rows are linked by being nearly the same, and stand on one side of every split; if "
            "they differ in what matters, raise labelled_data.near_duplicate"
        )
    if not conflicts:
        return
    what = {
        "classification": "have the same or nearly the same text and different labels: agree on one each",
        "extraction": "have the same text and different spans: agree on one each",
        "generation": "have the same prompt and different responses, which is only right where several are",
    }[task]
    yield f"{conflicts:,} {'pair' if conflicts == 1 else 'pairs'} of rows {what}"


def _left_out_notes(split: Split, given_test: bool, rows: int) -> Iterator[str]:
    left_out = len(split.left_out)
    if not left_out:
        return
    if given_test:
        yield f"{left_out:,} training rows are left out, being nearly the same as, or of one group with, test rows"
    else:
        yield f"{left_out:,} rows are left out, since they would leak from one side of the split to the other"
    if left_out > _MUCH_LEFT_OUT * rows:
        yield f"that is {left_out / rows:.0%} of them; a split by another column may lose fewer"
