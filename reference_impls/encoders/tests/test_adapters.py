import json
import shutil
from pathlib import Path

from ..adapters import add_adapter, read_adapter, write_adapter
from ..loading import load_encoder
from ..settings import Settings
from ..source import find_source
from .tiny import context


def test_an_adapter_names_its_encoder_and_no_place_on_this_machine(tmp_path: Path, encoder: Path) -> None:
    copy = shutil.copytree(encoder, tmp_path / "somewhere")
    source = find_source(context(copy).embedding)
    adapted = add_adapter(load_encoder(source), Settings(), "offline")
    (tmp_path / "adapter").mkdir()
    write_adapter(adapted, tmp_path / "adapter")
    told = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert told["base_model_name_or_path"] == "offline"
    # Opened again it is quiet about that, and still knows the name.
    again = read_adapter(load_encoder(source), tmp_path / "adapter")
    assert again.peft_config["default"].base_model_name_or_path == "offline"
