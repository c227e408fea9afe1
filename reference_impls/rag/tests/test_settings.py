from pathlib import Path

import pytest

from ...project_base.config import load_settings
from ...project_base.errors import UserError
from ...project_base.rooms import room_module, rooms_with
from ...project_base.tests.generated import PACKAGE, component, write_config
from ..settings import ProjectSettings

ROOMS = list(ProjectSettings.model_fields)


def config(folder: Path, **changes: object) -> Path:
    """A config.yaml as it is generated: every key with its default."""
    return write_config(folder, ROOMS, changes)


@pytest.mark.parametrize("room", ROOMS)
def test_component_and_settings_say_the_same(room: str) -> None:
    described = component(room)
    fields = room_module(room, "settings").Settings.model_fields
    assert described["component"] == room
    assert list(described["settings"]) == list(fields)
    for key, entry in described["settings"].items():
        if "{package}" not in str(entry["default"]):
            assert entry["default"] == fields[key].default
        assert fields[key].description
        assert set(described["needs"]) <= set(rooms_with("component.yaml"))


def test_the_generated_configuration_is_valid(tmp_path: Path) -> None:
    settings = load_settings(config(tmp_path), ProjectSettings)
    assert settings.retrieval.index_folder == str(tmp_path / "index")
    assert Path(settings.corpus.folder).is_dir()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"retrieval__mode": "both"}, "'lexical', 'dense' or 'fused'"),
        ({"corpus__chunk_words": "180"}, "corpus.chunk_words"),
        ({"corpus__encoding": "utf-99"}, "not an encoding"),
        ({"rag__refuse_below": 1.5}, "rag.refuse_below"),
        ({"language_models__generator": "local"}, "language_models.model must be set"),
        ({"language_models__generator": "openai_compatible", "language_models__model": "m"}, "base_url"),
        ({"language_models__api_key_variable": "sk-123"}, "name of the environment variable"),
        ({"retrieval__index_folder": str(PACKAGE / "rag/sample/docs")}, "would index itself"),
        ({"retrieval__index_folder": str(PACKAGE / "rag/sample/docs/below")}, "would index itself"),
        ({"rag__rewrite": "model"}, "set language_models.generator"),
        ({"reranking__candidates": 1}, "reranking.candidates"),
        ({"corpus__folder": ""}, "must not be empty"),
    ],
)
def test_wrong_values_are_refused_with_their_place(tmp_path: Path, changes: dict[str, object], expected: str) -> None:
    with pytest.raises(UserError) as caught:
        load_settings(config(tmp_path, **changes), ProjectSettings)
    assert "config.yaml:" in caught.value.message
    assert expected in caught.value.message
