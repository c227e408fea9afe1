"""Changes one value in config.yaml and leaves every other character as it is, comments too."""

from pathlib import Path

import yaml

from .errors import UserError
from .files import write_bytes

_BOM = b"\xef\xbb\xbf"


def replace_value(path: Path, section: str, key: str, value: str) -> None:
    """Replaces a plain value.

    Args:
        path: A configuration file that `load_settings` accepts.
        section: The name of a section.
        key: A key that stands in it.
        value: The new value, as YAML writes it.

    Raises:
        UserError: The key does not stand there.
        OSError: The file cannot be read or written; it is unchanged then.
    """
    # A link stays a link: the file that it leads to is replaced.
    path = path.resolve()
    content = path.read_bytes()
    mark = _BOM if content.startswith(_BOM) else b""
    text = content.removeprefix(mark).decode("utf-8")
    node = _value(_value(yaml.compose(text, Loader=yaml.SafeLoader), section), key)
    if not isinstance(node, yaml.ScalarNode):
        raise UserError(
            f"{path} has no line '{key}:' in the section {section}", f"write '{key}: {value}' there, below '{section}:'"
        )
    changed = text[: node.start_mark.index] + value + text[node.end_mark.index :]
    write_bytes(path, mark + changed.encode("utf-8"))


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)
