"""Finds the files of the rules, the user's own on top, and hands out the one `Knowledge` that they make."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping
from pathlib import Path

from advisor import resources
from advisor.errors import RulesError
from advisor.knowledge.compiled import cache_path, read_compiled, write_compiled
from advisor.knowledge.figures import OWN_PRICES
from advisor.knowledge.model import Knowledge

__all__ = ["load_knowledge"]

_NOT_DECIDING = "cases/"
"""Files that no decision reads: a new case is no new rule."""
_ON_TOP = {"prices.yaml": OWN_PRICES}
"""Files that change single entries of ours instead of replacing the file; each with the name it is read under."""


def load_knowledge(own: Path | None = None, *, with_cases: bool = False) -> Knowledge:
    """Reads the built-in rules and, on top, a folder of the user's.

    A file of `own` with the path of a built-in file replaces it, but prices.yaml changes only the figures that it
    holds; any other is added. Which did what is kept in `Knowledge.own`.

    Args:
        own: a folder laid out like rules/.
        with_cases: with the cases of the rules and all labelled cases, which a compiled copy does not hold.

    Raises:
        RulesError: with every fault of every file.
    """
    built_in = resources.folder("rules")
    found = {name: (f"rules/{name}", path) for name, path in _yaml_files(built_in).items()}
    audit: list[tuple[str, str]] = []
    if own is not None:
        if not own.is_dir():
            raise RulesError(f"{own}: not a folder", "give the folder that holds criteria/, patterns/ and the like")
        for name, path in _yaml_files(own).items():
            if name in _ON_TOP:
                audit.append((name, "changed nothing"))
                found[_ON_TOP[name]] = (str(path), path)
                continue
            audit.append((name, "replaced" if name in found else "added"))
            found[name] = (str(path), path)
        if not audit:
            raise RulesError(f"{own}: holds no rules file", "put your rules into criteria/<name>.yaml inside it")
    texts = {name: (shown, _bytes(path)) for name, (shown, path) in found.items()}
    digest = _digest({name: raw for name, (_, raw) in texts.items() if not name.startswith(_NOT_DECIDING)})
    cases = _digest({name: raw for name, (_, raw) in texts.items() if name.startswith(_NOT_DECIDING)})
    named = tuple(audit)
    try:
        beside = (("folder", str(own)), ("components", _components_digest()), ("cases", cases))
        copy = cache_path(digest, (*named, *beside))
    except RuntimeError:
        copy = None
    if copy is not None and not with_cases and (knowledge := read_compiled(copy)) is not None:
        return knowledge
    from advisor.knowledge.read import read_knowledge  # noqa: PLC0415  (its models are not needed with a copy)

    check = "advisor rules check" + (f" --rules {shlex.quote(str(own))}" if own else "")
    knowledge = read_knowledge(texts, digest, named, f"mend these, then: {check}")
    if copy is not None:
        write_compiled(knowledge, copy)
    return knowledge


def _components_digest() -> str:
    """Of what the components say of themselves, since patterns and rules are linked against it."""
    folder = resources.folder("reference_impls")
    return _digest({path.parent.name: _bytes(path) for path in folder.glob("*/component.yaml")})


def _digest(raw: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(raw):
        digest.update(f"{name}\0{len(raw[name])}\0".encode())
        digest.update(raw[name])
    return digest.hexdigest()


def _yaml_files(root: Path) -> dict[str, Path]:
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() in (".yml", ".yaml") and path.suffix != ".yaml":
            raise RulesError(f"{path}: rules files end in .yaml", f"rename it to {path.with_suffix('.yaml').name}")
    return {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*.yaml"))}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise RulesError(f"{path}: cannot be read: {fault.strerror}") from None
