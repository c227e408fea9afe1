"""A project of its own in a temporary folder, with the sample handbook: what the smoke checks try the commands on."""

from pathlib import Path

from ..embedding.load import load_embedder
from ..evaluation.metrics import mean
from ..labelled_data.settings import Settings as DataSettings
from ..project_base.config import load_settings
from ..project_base.trial_project import Changes, TrialProject
from ..rag.indexing import update_index
from .evaluation import TwoByTwo, read_table
from .settings import ProjectSettings

HANDBOOK = Path(__file__).parents[1] / "rag" / "sample"
SAMPLE = Path(__file__).parent / "sample"


class SmokeProject(TrialProject):
    """Config, index, models and results in a folder, apart from those of the owner.

    Pattern, embedder and retrieval are those of the project. A smoke run must take seconds and download nothing: the
    documents are the sample handbook, and `extractive` answers unless a check says otherwise.

    Args:
        settings: Of the project.
        folder: A new folder.
        changes: Keys by section that a pattern sets for its checks.
    """

    def __init__(self, settings: ProjectSettings, folder: Path, changes: Changes | None = None) -> None:
        super().__init__("hybrid", settings, folder)
        self._settings = settings
        self._changes = changes or {}
        self.write_config("config.yaml")

    def settings(self, config: Path | None = None) -> ProjectSettings:
        """A config.yaml as the commands read it."""
        return load_settings(config or self.config, ProjectSettings)

    def write_config(self, name: str, changes: Changes | None = None) -> Path:
        """Writes a configuration; `{"hybrid": {"least_gain": 0.0}}` changes keys of a section."""
        return self.write(name, self._own(), self._changes, changes or {})

    def index(self, config: Path | None = None) -> None:
        """What `index` does, but for the export of the embedder, which takes longer than all else here."""
        settings = self.settings(config).rag_project()
        update_index(settings, load_embedder(settings.embedding))

    def evaluated(self, *words: str) -> TwoByTwo:
        """The result of `evaluate`."""
        file = self.folder / "result.json"
        self.asked("evaluate", *words, "--out", str(file))
        return self.read(file)

    def read(self, file: Path) -> TwoByTwo:
        """A result file."""
        return read_table(file)

    def _own(self) -> dict[str, dict[str, object]]:
        given = self._settings
        return {
            # On a busy machine two threads wait for each other, and take several times as long as one.
            "project_base": {"offline": True, "threads": given.project_base.threads or 1},
            "corpus": {"folder": str(HANDBOOK / "docs")},
            "vector_stores": {"store": "exact"},
            "embedding": {"workers": 0},
            "retrieval": {"index_folder": str(self.folder / "index")},
            "reranking": {"model": ""},
            "language_models": {"generator": "extractive"},
            "lookups": {"file": ""},
            "labelled_data": DataSettings(probe="off").model_dump(mode="json"),
            "training": {"processes": 1},
            "registry": {"folder": str(self.folder / "models"), "keep": 0},
            "rag": {"questions": str(HANDBOOK / "questions.jsonl"), "rewrite": "none", "fallback": "none"},
            "fine_tuning": {
                "test": "",
                "unlabelled": "",
                "regression_cases": "",
                "runs_folder": str(self.folder / "runs"),
                "climb_to": "head",
                "metric": "auto",
                "enough": 0.0,
                "most_minutes": 60.0,
                "refit": True,
                "compress": "none",
            },
            "hybrid": {"results_folder": str(self.folder / "results")},
        }


def told_cells(found: TwoByTwo) -> str:
    """The four scores in one line."""
    return ", ".join(f"{cell.name} {cell.score:.3f}" for cell in found.cells if cell.score is not None)


def figures(found: TwoByTwo) -> dict[str, float]:
    """The scores as figures of a smoke check."""
    scores = {f"score_{cell.name}": cell.score for cell in found.cells if cell.score is not None}
    gains = mean([each.difference.difference for each in found.against if each.half])
    return {**scores, "items": found.items, **({} if gains is None else {"mean_gain": gains})}
