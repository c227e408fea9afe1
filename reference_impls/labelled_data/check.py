"""Checks labelled data as a whole: what it holds, what is wrong with it, and whether training on it makes sense."""

import time

from ..project_base.progress import Progress, silent
from .balance import measure_balance
from .base import Task
from .cross_fit import cross_fit
from .duplicates import SHOWN, find_conflicts, find_repeats, group_examples
from .findings import faults_of, findings, notes
from .lengths import CountTokens, measure_lengths
from .near_duplicates import Groups
from .noise import find_suspects
from .personal_data import find_personal_data
from .probe import probe_examples
from .reading import NAMED, Read
from .report import DataReport, Sides
from .settings import Settings
from .sides import Units
from .splits import Split, split_examples


def check_examples(
    read: Read,
    task: Task,
    settings: Settings,
    read_test: Read | None = None,
    groups: Groups | None = None,
    split: Split | None = None,
    count_tokens: CountTokens | None = None,
    limit: int | None = None,
    progress: Progress = silent,
) -> DataReport:
    """Checks examples that were read.

    The test rows are read for repeats, leaks, personal data and lengths alone: no model looks at them.

    Args:
        read: The examples and the rows that cannot be used.
        task: What they are for.
        settings: Of the checks.
        read_test: Those of the test file, if there is one.
        groups: The near-duplicates of both, those of the test file last; found here where they are not given.
        split: Of the same; made here where it is not given.
        count_tokens: The tokenizer of the model, if it is known.
        limit: Its longest input, in tokens.
        progress: Hears of the scan for personal data and of the probe.

    Raises:
        UserError: A side of the split would be empty, or a library is missing.
    """
    started = time.perf_counter()
    tests = read_test.examples if read_test else ()
    examples = [*read.examples, *tests]
    groups = groups or group_examples(examples, settings.near_duplicate)
    split = split or split_examples(examples, groups, task, settings, len(tests))
    units = Units.of(examples, groups, settings.seed)
    conflicts = find_conflicts(examples, groups, task, settings.near_duplicate)
    personal = None
    if settings.personal_data != "allow":
        advance = progress("looking for personal data", len(examples))
        personal = find_personal_data(examples, settings.personal_data_regions, advance)
    balance = measure_balance(read.examples)
    lengths = measure_lengths(examples, count_tokens, limit)
    places = sorted((*split.train, *split.validation))
    fit = cross_fit(examples, places, units, settings.seed) if task == "classification" else None
    suspects = find_suspects(examples, fit) if fit else []
    probe = None
    if settings.probe != "off":
        advance = progress("shuffling labels", settings.permutations)
        probe = probe_examples(examples, places, units, groups.group, task, settings, fit, advance)
    if probe is not None and probe.verdict == "nothing_to_learn":
        # Where labels follow from nothing, each of them is as likely wrong as any other.
        suspects = []
    repeats = find_repeats(examples, groups)
    faults = faults_of(read, read_test)
    blocking = findings(len(faults), len(examples), balance, personal, probe, task, settings)
    warnings = notes(
        read,
        read_test,
        split,
        balance,
        repeats,
        len(conflicts),
        len(suspects),
        lengths,
        personal,
        probe,
        task,
        settings,
    )
    return DataReport(
        task=task,
        files=dict(read.files)
        | {f"{name} (test)": rows for name, rows in (read_test.files if read_test else {}).items()},
        rows=read.rows,
        usable=len(read.examples),
        test_rows=len(tests),
        columns=read.columns,
        faults=tuple(str(fault) for fault in faults[:NAMED]),
        faulty=len(faults),
        balance=balance,
        repeats=repeats,
        conflicts=tuple(conflicts[:SHOWN]),
        conflicting=len(conflicts),
        suspects=tuple(suspects[: 2 * SHOWN]),
        suspected=len(suspects),
        leaking=len(split.left_out) if read_test else 0,
        sides=Sides(
            train=len(split.train),
            validation=len(split.validation),
            test=len(split.test),
            left_out=len(split.left_out),
            method=split.method,
            digest=split.digest,
        ),
        lengths=lengths,
        personal_data=personal,
        probe=probe,
        blocking=tuple(blocking),
        warnings=tuple(warnings),
        seconds=round(time.perf_counter() - started, 3),
    )
