"""Where the settings that a message names stand in config.yaml, so that nobody has to look for them."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from .terminal import printable

_NAMED = re.compile(r"\b([a-z][a-z_]*)\.([a-z][a-z_]*)\b")
_MOST = 5
_SHOWN = 60


def setting_lines(message: str, path: Path) -> list[str]:
    """The lines of the settings that a message names, in its order: `config.yaml:36: labelled_data.text is 'body'`.

    Args:
        message: May name settings as `section.key`.
        path: The configuration file; settings that do not stand in it are passed over.

    Returns:
        At most five lines; none where the message names places in that file itself, or the file cannot be read.
    """
    if f"{path}:" in message:
        return []
    try:
        document = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return []
    stands = {f"{section}.{key}": (line, value) for section, key, line, value in _settings(document)}
    named = dict.fromkeys(f"{section}.{key}" for section, key in _NAMED.findall(message))
    found = [(name, *stands[name]) for name in named if name in stands]
    return [f"{path}:{line}: {name} is {value}" for name, line, value in found[:_MOST]]


def _settings(document: yaml.Node | None) -> Iterator[tuple[str, str, int, str]]:
    """Section, key, line and value of every setting that is no list or mapping."""
    for section, keys in _pairs(document):
        for key, value in _pairs(keys):
            if isinstance(value, yaml.ScalarNode):
                shown = value.value if len(value.value) <= _SHOWN else f"{value.value[:_SHOWN]}..."
                yield section.value, key.value, key.start_mark.line + 1, printable(shown) or "empty"


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    found = node.value if isinstance(node, yaml.MappingNode) else []
    return [(key, value) for key, value in found if isinstance(key, yaml.ScalarNode)]
