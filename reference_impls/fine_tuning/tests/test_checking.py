import json
from pathlib import Path

import pytest

from ...registry.registry import Registry
from ..ladder.checking import CHECK
from ..ladder.results import read_result
from .projects import nonsense, quick, run, small, write_csv


def test_a_check_is_made_once_for_the_same_data(tmp_path: Path, encoder: Path) -> None:
    changes = quick(encoder, fine_tuning__examples=str(small(tmp_path)))
    first = run(tmp_path, "check", **changes)
    assert first.exit_code == 0, first.stderr
    assert "checking 120 examples" in first.stderr
    assert "next: python -m " in first.stderr
    assert max(map(len, first.stdout.splitlines())) <= 80
    again = run(tmp_path, "check", "--format", "json", **changes)
    assert "checking" not in again.stderr
    assert json.loads(again.stdout)["usable"] == 120
    assert json.loads(again.stdout)["lengths"]["unit"] == "tokens"
    assert "checking 120" in run(tmp_path, "check", **changes | {"labelled_data__seed": 1}).stderr
    assert (
        "checking 121"
        in run(tmp_path, "check", **quick(encoder, fine_tuning__examples=str(small(tmp_path, 121)))).stderr
    )
    (tmp_path / "runs" / CHECK).write_text('{"schema": "checked/1"')
    assert "checking 121" in run(tmp_path, "check", **changes).stderr


def test_training_is_refused_on_personal_data_unless_it_is_overruled_and_then_says_so(
    tmp_path: Path, encoder: Path
) -> None:
    file = small(tmp_path)
    with file.open("a", encoding="utf-8") as stream:
        stream.write("please write to jane.doe@gmail.com about the hammer,tool\n")
    changes = quick(encoder, fine_tuning__examples=str(file))
    refused = run(tmp_path, "train", "word_counts", **changes)
    assert refused.exit_code == 1
    assert "training is refused: 1 rows hold personal data" in refused.stderr
    assert "(personal_data)" in refused.stderr
    assert "--despite personal_data" in refused.stderr
    assert "jane.doe" not in refused.output
    assert not Registry(tmp_path / "models").versions()
    checked = run(tmp_path, "check", **changes)
    assert checked.exit_code == 1
    assert "jane.doe@gmail.com" not in checked.output
    trained = run(tmp_path, "train", "word_counts", "--despite", "personal_data", **changes)
    assert trained.exit_code == 0, trained.stderr
    (told,) = read_result(tmp_path / "runs" / "word_counts").despite
    assert told.startswith("personal_data: 1 rows hold personal data")
    (version,) = Registry(tmp_path / "models").versions()
    assert version.about["despite"] == [told]


def test_random_labels_have_nothing_to_learn(tmp_path: Path, encoder: Path) -> None:
    rows = [(nonsense(number), "ab"[number * 7919 // 3 % 2]) for number in range(150)]
    file = write_csv(tmp_path / "random.csv", rows)
    refused = run(tmp_path, "ladder", **quick(encoder, fine_tuning__examples=str(file), labelled_data__probe="refuse"))
    assert refused.exit_code == 1
    assert "(nothing_to_learn)" in refused.stderr
    assert not (tmp_path / "runs" / "majority").exists()


@pytest.mark.parametrize("name", ["typo", "PERSONAL_DATA"])
def test_a_finding_that_there_is_not_cannot_be_overruled(tmp_path: Path, encoder: Path, name: str) -> None:
    changes = quick(encoder, fine_tuning__examples=str(small(tmp_path)))
    refused = run(tmp_path, "train", "majority", "--despite", name, **changes)
    assert refused.exit_code == 1
    assert "there are bad_rows, one_label, no_spans, personal_data, nothing_to_learn" in refused.stderr
