"""Reads a file of labelled cases from outside the rules: in the form of rules/cases, or facts and labels alone."""

from __future__ import annotations

from pathlib import Path

from advisor.errors import CasesError
from advisor.knowledge.case_text import CasesFile, LabelsFile
from advisor.knowledge.cases import link_cases, link_labels
from advisor.knowledge.faults import Faults
from advisor.knowledge.labelled import CaseGroup
from advisor.knowledge.model import Knowledge
from advisor.knowledge.read import validated
from advisor.strict_yaml import StrictYamlError, load_file

__all__ = ["read_cases"]

_FORM = """\
the form is:
cases:
  - id: C01
    facts: {task_type: grounded_qa, volatility: weekly}
    inferred: [volatility]
    expected: rag
    acceptable: [rag, hybrid]
all facts and codes: advisor rules list --facts"""


def read_cases(path: Path, knowledge: Knowledge) -> CaseGroup:
    """One group, named after the file.

    A file with a `title` is taken for one of rules/cases and must be right in all. Without it only what is scored is
    read: id, name, facts, inferred, expected and acceptable; whatever else its author noted is left alone.

    Raises:
        CasesError: with every problem of the file, each with its line.
    """
    try:
        loaded = load_file(path)
    except StrictYamlError as fault:
        raise CasesError(fault.problems, _FORM) from None
    except OSError as fault:
        raise CasesError(f"{path}: cannot be read: {fault.strerror}", "give a YAML file of labelled cases") from None
    faults = Faults()
    groups: list[CaseGroup] = []
    if isinstance(loaded.data, dict) and "title" in loaded.data:
        if full := validated(CasesFile, loaded, faults.problems):
            groups += link_cases([(full, loaded)], knowledge.asks, knowledge.sources, faults)
    elif bare := validated(LabelsFile, loaded, faults.problems):
        groups.append(link_labels(bare, loaded, knowledge.asks, faults))
    if faults.problems:
        raise CasesError(faults.problems, _FORM)
    return groups[0]
