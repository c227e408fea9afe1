"""A language model that writes: predicted with, exported, compared and served like every other model."""

import json
from pathlib import Path
from typing import Any

from ...compression.results import Compressed
from ...registry.model_folder import open_model
from ...registry.registry import Registry
from ...serving.app import make_app
from ...serving.tests.in_thread import running
from ..answering.http_api import make_service
from ..answering.live import LiveModel
from .asked import settings_in
from .projects import run


def test_a_writer_is_predicted_with_exported_compared_and_served(tmp_path: Path) -> None:
    words = ("red", "green", "blue", "black", "white")
    rows = [
        {"instruction": f"Say {one} and then {two}, case {number}.", "response": f"{one}, then {two}."}
        for number, (one, two) in enumerate((one, two) for _ in range(2) for one in words for two in words)
    ]
    file = tmp_path / "requests.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    changes: dict[str, Any] = {
        "fine_tuning__task": "generation",
        "fine_tuning__examples": str(file),
        "labelled_data__near_duplicate": 1.0,
        "training__epochs": 1.0,
        "training__device": "cpu",
        "training__precision": "float32",
        "generators__most_tokens": 64,
        "generators__max_new_tokens": 8,
        "generators__device": "cpu",
    }
    trained = run(tmp_path, "train", "lora", **changes)
    assert trained.exit_code == 0, trained.stderr
    version = Registry(tmp_path / "models").versions()[-1].id
    Registry(tmp_path / "models").promote(version)

    new = tmp_path / "new.jsonl"
    conversation = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Say blue."}]
    new.write_text(
        json.dumps({"instruction": "Say red.", "id": 1}) + "\n" + json.dumps({"instruction": " ", "id": 2}) + "\n"
    )
    predicted = run(tmp_path, "predict", str(new), **changes)
    assert predicted.exit_code == 0, predicted.stderr
    first, second = (json.loads(line) for line in predicted.stdout.splitlines())
    assert isinstance(first["response"], str)
    assert (first["id"], first["error"]) == (1, None)
    assert (second["response"], second["error"]) == (None, "new.jsonl:2: the instruction is empty")
    talks = tmp_path / "talks.jsonl"
    talks.write_text(json.dumps({"messages": conversation}) + "\n" + json.dumps({"messages": conversation[:1]}) + "\n")
    talked = run(tmp_path, "predict", str(talks), "--format", "csv", **changes)
    assert talked.stdout.startswith("messages,response,error\n")
    assert "no message of the user stands before the response" in talked.stdout
    again = run(tmp_path, "predict", "--text", "Say red.", "--format", "jsonl", **changes)
    assert json.loads(again.stdout)["response"] == first["response"]

    exported = run(tmp_path, "export", **changes)
    assert exported.exit_code == 0, exported.stderr
    merged = tmp_path / "exported" / f"{version}-merged"
    assert open_model(merged).kind == "causal_model"
    result = Compressed.model_validate_json((merged / "export.json").read_text())
    assert [form.name for form in result.forms] == ["adapter", "merged"]
    assert abs(result.forms[1].differences[0].difference) < 1e-3
    assert run(tmp_path, "export", **changes).exit_code == 0
    refused = run(tmp_path, "export", "--as", "int8", **changes)
    assert "a language model that writes cannot be exported as int8" in refused.stderr

    compared = run(tmp_path, "compare", version, str(merged), "--format", "json", **changes)
    assert compared.exit_code == 0, compared.stderr
    assert json.loads(compared.stdout)["regression"]["outcome"] == "unchanged"

    settings = settings_in(tmp_path, **changes)
    service = make_service(settings, lambda: LiveModel(settings))
    with running(make_app(service, settings.serving)) as client:
        while not client.get("/health").is_success:
            pass
        answered = client.post("/predict", json={"text": "Say red."}).json()
        assert answered == {"version": version, "predictions": [{"response": first["response"]}]}
