"""What is known about a document beside its text: from files `_metadata.yaml` and from the front matter of markdown.

A `_metadata.yaml` holds for its folder and all below it. Its keys are file patterns, its values metadata, of which
`readers` lists the users and groups that may read the files, and `tenant` names the one customer that they belong to:

    "*.pdf": {department: legal, readers: [legal, board]}
    "acme/*": {tenant: acme}
    "drafts/*": {status: draft}

A pattern without a slash is compared with the file's name, any other with its path below the folder; `*` spans
slashes, and case does not count. Where several patterns fit, the later one wins, and an inner folder wins over an
outer one. What these files say wins over front matter and columns, since whoever writes a document must not choose who
reads it.
"""

import json
import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import yaml

from ..project_base.config import parse_mapping
from ..project_base.errors import UserError
from ..texts.encodings import Undecodable, decode
from .documents import EVERYBODY, Metadata, Remark, Unreadable

SIDECAR = "_metadata.yaml"
READERS = "readers"
TENANT = "tenant"
PROTECTED = (READERS, TENANT)
"""What says who may see a document: it comes from `_metadata.yaml` alone."""

_LARGEST_SIDECAR = 1_000_000
_LIKE_SIDECAR = re.compile(r"_meta_?data\.ya?ml", re.I)
_LONGEST_FRONT_MATTER = 20_000
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)


@dataclass(frozen=True)
class Rule:
    """One pattern of a `_metadata.yaml`; `readers` and `tenant` are None where it does not name any."""

    sidecar: str
    pattern: str
    metadata: Metadata = field(hash=False)
    readers: tuple[str, ...] | None
    tenant: str | None

    def fits(self, path: str) -> bool:
        """Whether the rule holds for the file at this path below the corpus folder."""
        folder = PurePosixPath(self.sidecar).parent
        if not PurePosixPath(path).is_relative_to(folder):
            return False
        below = PurePosixPath(path).relative_to(folder)
        return fnmatchcase(_as_compared(str(below) if "/" in self.pattern else below.name), _as_compared(self.pattern))


def _as_compared(name: str) -> str:
    # CONTRACT.PDF is read like contract.pdf, so its readers must be the same; and systems differ in how they write "ü".
    return unicodedata.normalize("NFC", name).casefold()


@dataclass(frozen=True)
class Rules:
    """All rules of a corpus folder, those of outer folders first."""

    rules: tuple[Rule, ...] = ()

    def metadata_of(self, path: str) -> dict[str, str | int | float | bool]:
        """Metadata of the file at this path below the corpus folder."""
        return {name: value for rule in self.rules if rule.fits(path) for name, value in rule.metadata.items()}

    def readers_of(self, path: str) -> tuple[str, ...]:
        """Who may read the file at this path below the corpus folder."""
        named = [rule.readers for rule in self.rules if rule.readers is not None and rule.fits(path)]
        return named[-1] if named else EVERYBODY

    def tenant_of(self, path: str) -> str | None:
        """Which tenant the file at this path below the corpus folder belongs to; None is all of them."""
        named = [rule.tenant for rule in self.rules if rule.tenant is not None and rule.fits(path)]
        return named[-1] if named else None

    def idle(self, paths: Iterable[str]) -> list[Remark]:
        """The patterns that fit no file: a misspelt one protects nothing."""
        known = list(paths)
        return [
            Remark(rule.sidecar, f"the pattern {rule.pattern!r} fits no file")
            for rule in self.rules
            if not any(rule.fits(path) for path in known)
        ]


def read_rules(folder: Path, paths: Collection[str]) -> Rules:
    """Reads the `_metadata.yaml` files of a corpus.

    Args:
        folder: The corpus folder.
        paths: All files below it.

    Raises:
        UserError: One cannot be read or understood, or has nearly the right name. Nothing is indexed then: who may
            read the files is not known.
    """
    for path in paths:
        _check_name(path)
    sidecars = (path for path in paths if PurePosixPath(path).name == SIDECAR)
    outer_first = sorted(sidecars, key=lambda path: (path.count("/"), path))
    return Rules(tuple(rule for path in outer_first for rule in _rules(folder, path)))


def _check_name(path: str) -> None:
    name = PurePosixPath(path).name
    if name != SIDECAR and _LIKE_SIDECAR.fullmatch(name):
        raise UserError(
            f"{path} would not be read, and the documents that it may protect would be open",
            f"rename it to {SIDECAR}, or, if it is no such file, to anything else",
        )


def _rules(folder: Path, sidecar: str) -> list[Rule]:
    file = folder / sidecar
    try:
        if file.exists() and not file.is_file():
            raise Unreadable("not a plain file")
        if file.stat().st_size > _LARGEST_SIDECAR:
            raise UserError(f"{file} is larger than {_LARGEST_SIDECAR:,} bytes", "use patterns that fit many files")
        text = decode(file.read_bytes(), "utf-8", "corpus.encoding")
    except (OSError, Unreadable, Undecodable) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UserError(f"{file} cannot be read: {reason}", "mend it: it says who may read the documents") from error
    if all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines()):
        return []
    try:
        found = parse_mapping(text, file)
    except UserError as error:
        raise UserError(error.message, f"mend {file}: it says who may read the documents") from error
    return [_rule(file, sidecar, pattern, value) for pattern, value in found.items()]


def _rule(file: Path, sidecar: str, pattern: str, value: object) -> Rule:
    where = f"{file}: {pattern!r}"
    if not isinstance(value, dict):
        raise UserError(f"{where} is no mapping", 'write it as: "*.pdf": {department: legal, readers: [legal]}')
    readers = value.get(READERS)
    named = readers if isinstance(readers, list) else []
    if READERS in value and not (named and all(isinstance(name, str) and name.strip() for name in named)):
        raise UserError(
            f"{where}: {READERS} is no list of names",
            f"write it as: {READERS}: [legal, board], or leave it away where everybody may read",
        )
    tenant = value.get(TENANT)
    if TENANT in value and not (isinstance(tenant, str | int) and str(tenant).strip()):
        raise UserError(f"{where}: {TENANT} is no name", f"write it as: {TENANT}: acme, or leave it away")
    nested = [name for name, given in value.items() if name not in PROTECTED and isinstance(given, dict | list)]
    if nested:
        raise UserError(f"{where}: {nested[0]} is no single value", "give one text, number, true or false")
    metadata = scalars({name: given for name, given in value.items() if name not in PROTECTED})
    names = tuple(str(name).strip() for name in named)
    owner = None if tenant is None else str(tenant).strip()
    return Rule(sidecar, pattern, metadata, EVERYBODY if "*" in names else names or None, owner)


def scalars(values: Mapping[str, object], prefix: str = "") -> dict[str, str | int | float | bool]:
    """Flattens values to single ones: nested names are joined by dots, lists by commas, and nothing stays for null."""
    flat: dict[str, str | int | float | bool] = {}
    for given, value in values.items():
        name = _sound(given)
        if isinstance(value, Mapping):
            flat |= scalars({str(key): inner for key, inner in value.items()}, f"{prefix}{name}.")
        elif isinstance(value, list):
            items = (item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in value)
            flat[prefix + name] = _sound(", ".join(items))
        elif isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
            flat[prefix + name] = value
        elif value is not None:
            flat[prefix + name] = _sound(str(value))
    return flat


def _sound(text: str) -> str:
    # Half a surrogate pair can be written as an escape in JSON and YAML, but not stored as UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


def front_matter_end(text: str) -> int:
    """Where the front matter of a markdown text ends; 0 without any."""
    match = _FRONT_MATTER.match(text[:_LONGEST_FRONT_MATTER])
    if match is None:
        return 0
    try:
        # Two thematic breaks with prose between them look the same, but hold no mapping.
        is_mapping = isinstance(yaml.compose(match.group(1), Loader=yaml.SafeLoader), yaml.MappingNode)
    except yaml.YAMLError:
        is_mapping = True
    return match.end() if is_mapping else 0


def front_matter(text: str, path: str) -> dict[str, str | int | float | bool]:
    """The metadata that a markdown text begins with, between two lines `---`.

    Raises:
        Unreadable: It is not YAML, or names readers or a tenant.
    """
    end = front_matter_end(text)
    if not end:
        return {}
    inside = text[:end].rstrip().rpartition("\n")[0].removeprefix("---")
    try:
        found = parse_mapping(inside, Path(path))
    except UserError as error:
        raise Unreadable(f"its front matter cannot be used ({error.message})") from error
    protected = [name for name in PROTECTED if name in found]
    if protected:
        raise Unreadable(f"its front matter names {protected[0]}, which belongs in {SIDECAR} of its folder")
    return scalars(found)
