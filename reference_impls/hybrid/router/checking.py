"""Whether the file of fixed answers fits to the labels of the requests and to the documents."""

import difflib
from collections.abc import Sequence
from pathlib import PurePosixPath

from ..base import Finding
from .deciding import unknown_labels
from .handling import Handling


def check_handling(handling: Handling, labels: Sequence[str]) -> list[Finding]:
    """Labels that stand in the file or in the examples alone: one that is misspelt in the file answers nobody.

    Args:
        handling: The file.
        labels: Those that examples have.
    """
    unused, unwritten = unknown_labels(handling, labels)
    if not set(labels) & handling.fixed.keys():
        return [
            Finding(
                f"no example has a label with a fixed answer: examples have {', '.join(labels)}, and fixed answers are "
                f"written for {', '.join(handling.fixed)}{_meant(list(handling.fixed), labels)}",
                "write the labels in hybrid.handling as they stand in fine_tuning.examples",
                blocking=True,
            )
        ]
    found = []
    if unused:
        found.append(
            Finding(
                f"no example has the label {', '.join(unused)} of hybrid.handling{_meant(unused, unwritten or labels)}",
                f"write it as it stands in fine_tuning.examples ({', '.join(labels)}), or take it out",
            )
        )
    if unwritten:
        found.append(
            Finding(
                f"nothing is written for the label {', '.join(unwritten)}: such requests go to retrieval",
                "write it under fixed or under retrieval in hybrid.handling",
            )
        )
    return found


def check_documents(handling: Handling, paths: Sequence[str]) -> list[Finding]:
    """Documents of fixed answers that the index lacks: retrieval would never be right beside such an answer.

    Args:
        handling: The file.
        paths: The documents of the index.
    """
    lacking = [
        f"{document} ({label})"
        for label, fixed in handling.fixed.items()
        for document in fixed.documents
        if document not in paths
    ]
    if not lacking:
        return []
    name = lacking[0].rpartition(" (")[0]
    near = [path for path in paths if PurePosixPath(path).name == PurePosixPath(name).name]
    near = near or difflib.get_close_matches(name, paths, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return [
        Finding(
            f"documents of hybrid.handling that the index lacks: {', '.join(lacking)}{hint}",
            "write their paths as they are in corpus.folder; retrieval gets no due for them in `evaluate`",
        )
    ]


def _meant(written: Sequence[str], labels: Sequence[str]) -> str:
    found = []
    for each in written:
        folded = {label.casefold(): label for label in labels}
        near = difflib.get_close_matches(each.casefold(), list(folded), 1)
        found += [f"{folded[near[0]]} for {each}"] if near else []
    return f"; did you mean {', '.join(found)}?" if found else ""
