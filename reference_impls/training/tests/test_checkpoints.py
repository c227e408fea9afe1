from pathlib import Path

import pytest
import torch

from ...project_base.errors import UserError
from ..checkpoints import Checkpoints
from ..run_key import run_key

KEY = run_key(data="a")
WEIGHTS = {"weights": {"a": torch.arange(6.0).reshape(2, 3), "b": torch.tensor(1.5)}, "optimiser": {}}


def state(step: int, best: str | None = None) -> dict[str, object]:
    return {"step": step, "best": best, "loss": 0.1 + 0.2}


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    Checkpoints(tmp_path, KEY).write(state(3), WEIGHTS)
    found = Checkpoints(tmp_path, KEY).newest()
    assert found is not None
    assert found.state["step"] == 3
    assert found.state["loss"] == 0.1 + 0.2
    kept = found.tensors("weights")
    assert torch.equal(kept["a"], WEIGHTS["weights"]["a"])
    assert kept["b"].shape == ()
    assert found.tensors("optimiser") == {}


def test_only_the_newest_and_its_best_weights_stay(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path, KEY)
    folder = tmp_path / "checkpoints" / KEY[:16]
    for step in (1, 2):
        best = kept.write_best(step, WEIGHTS["weights"])
        kept.write(state(step, best), WEIGHTS)
        assert sorted(path.name for path in folder.iterdir()) == [best, f"checkpoint-00000000{step}"]
        assert torch.equal(kept.best(best)["a"], WEIGHTS["weights"]["a"])


def test_nothing_goes_on_from_another_run(tmp_path: Path) -> None:
    Checkpoints(tmp_path, KEY).write(state(1), WEIGHTS)
    for other in (run_key(data="b"), KEY[:16] + "0" * 48):
        assert Checkpoints(tmp_path, other).newest() is None
    assert run_key(data="a") == KEY
    keys = [KEY, run_key(data="a", seed=0), run_key(rooms=["project_base"], data="a"), run_key(data="a", code={})]
    assert len(set(keys)) == 4


def test_finishing_removes_those_of_other_runs(tmp_path: Path) -> None:
    Checkpoints(tmp_path, run_key(data="b")).write(state(1), WEIGHTS)
    kept = Checkpoints(tmp_path, KEY)
    kept.write(state(1), WEIGHTS)
    kept.finish()
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == [KEY[:16]]


@pytest.mark.parametrize("damage", ["cut", "other", "gone", "no json", "list", "no best"])
def test_a_damaged_checkpoint_does_not_count_and_the_one_before_does(tmp_path: Path, damage: str) -> None:
    first, second = Checkpoints(tmp_path / "1", KEY), Checkpoints(tmp_path / "2", KEY)
    first.write(state(1), WEIGHTS)
    second.write(state(1), WEIGHTS)
    second.write(state(2, "best-9.safetensors" if damage == "no best" else None), WEIGHTS)
    ours = tmp_path / "2" / "checkpoints" / KEY[:16]
    # As after a kill between the rename and the removal of the older one.
    older = ours / "checkpoint-000000001"
    (tmp_path / "1" / "checkpoints" / KEY[:16] / older.name).rename(older)
    newer = ours / "checkpoint-000000002"
    content = (newer / "weights.safetensors").read_bytes()
    match damage:
        case "cut":
            (newer / "weights.safetensors").write_bytes(content[:-1])
        case "other":
            (newer / "weights.safetensors").write_bytes(content[:-1] + b"x")
        case "gone":
            (newer / "weights.safetensors").unlink()
        case "no json":
            (newer / "state.json").write_text('{"step": 2')
        case "list":
            (newer / "state.json").write_text("[]")
    (ours / ".checkpoint-000000003.part").mkdir()
    kept = Checkpoints(tmp_path / "2", KEY)
    found = kept.newest()
    assert found is not None
    assert found.state["step"] == 1
    assert not list(ours.glob(".*"))
    kept.write(state(3), WEIGHTS)
    assert [path.name for path in ours.iterdir()] == ["checkpoint-000000003"]


def test_a_disk_that_refuses_leaves_the_last_checkpoint_whole(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path, KEY)
    kept.write(state(1), WEIGHTS)
    folder = tmp_path / "checkpoints" / KEY[:16]
    # A plain file where the new folder would be made.
    (folder / "checkpoint-000000002").write_text("in the way")
    with pytest.raises(UserError, match=r"could not be written.*of step 1, is whole") as caught:
        kept.write(state(2), WEIGHTS)
    assert "run the command again" in caught.value.next_step
    assert [path.name for path in folder.glob(".*")] == []
    found = Checkpoints(tmp_path, KEY).newest()
    assert found is not None
    assert found.state["step"] == 1


def test_no_folder_for_checkpoints_is_an_error_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("a file")
    kept = Checkpoints(tmp_path, KEY)
    with pytest.raises(UserError, match=r"could not be written.*there is none before it"):
        kept.write(state(1), WEIGHTS)
    with pytest.raises(UserError, match=r"could not be written.*there is none before it"):
        kept.write_best(1, WEIGHTS["weights"])
