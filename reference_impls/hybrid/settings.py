"""Settings of the hybrid, and of the whole project."""

from typing import Self

from pydantic import Field, ValidationError, model_validator

from ..compression.settings import Settings as CompressionSettings
from ..corpus.settings import Settings as CorpusSettings
from ..embedding.settings import Settings as EmbeddingSettings
from ..encoders.settings import Settings as EncoderSettings
from ..fine_tuning.settings import ProjectSettings as FineTuningProject
from ..fine_tuning.settings import Settings as FineTuningSettings
from ..generators.settings import Settings as GeneratorSettings
from ..labelled_data.settings import Settings as DataSettings
from ..language_models.settings import Settings as LanguageModelSettings
from ..lookups.settings import Settings as LookupSettings
from ..project_base.settings import ProjectPath, RoomSettings
from ..project_base.settings import Settings as BaseSettings
from ..rag.settings import ProjectSettings as RagProject
from ..rag.settings import Settings as RagSettings
from ..registry.settings import Settings as RegistrySettings
from ..reranking.settings import Settings as RerankingSettings
from ..retrieval.settings import Settings as RetrievalSettings
from ..serving.settings import Settings as ServingSettings
from ..training.settings import Settings as TrainingSettings
from ..vector_stores.settings import Settings as StoreSettings
from .patterns import PatternName


class Settings(RoomSettings):
    """Settings of the hybrid."""

    pattern: PatternName = Field(
        default="router", description="which part is tuned, and where it stands beside retrieval"
    )
    results_folder: ProjectPath = Field(default="hybrid-results", description="folder of the results of `evaluate`")
    least_gain: float = Field(
        default=0.02, ge=0, lt=1, description="a gain over a half alone that is shown to be below this does not pay"
    )
    wanted_accuracy: float = Field(
        default=0.9, gt=0, lt=1, description="share of right ones wanted among requests that are kept from retrieval"
    )
    handling: ProjectPath = Field(description="YAML file of what is done with the requests of each label")
    said: ProjectPath = Field(
        description="JSON lines of what the closed model said and should have said, by which a helper is judged"
    )
    pairs: ProjectPath = Field(
        description="questions with their documents and answers (the form of `rag.questions`), which retrieval teaches"
    )
    hard_negatives: int = Field(
        default=2, ge=0, le=20, description="wrong passages that search ranks high, trained on beside each right one"
    )
    rows_per_question: int = Field(
        default=2, ge=1, le=20, description="training rows that are built of a question, with other distractors each"
    )
    without_gold: float = Field(
        default=0.2, ge=0, le=0.9, description="share of built rows that lack the right passage and are to be refused"
    )


class ProjectSettings(RoomSettings):
    """One section for each room of the project."""

    project_base: BaseSettings = Field(default=BaseSettings())
    corpus: CorpusSettings
    vector_stores: StoreSettings = Field(default=StoreSettings())
    embedding: EmbeddingSettings = Field(default=EmbeddingSettings())
    retrieval: RetrievalSettings = Field(default=RetrievalSettings())
    reranking: RerankingSettings = Field(default=RerankingSettings())
    language_models: LanguageModelSettings = Field(default=LanguageModelSettings())
    lookups: LookupSettings = Field(default=LookupSettings())
    labelled_data: DataSettings = Field(default=DataSettings())
    training: TrainingSettings = Field(default=TrainingSettings())
    encoders: EncoderSettings = Field(default=EncoderSettings())
    generators: GeneratorSettings = Field(default=GeneratorSettings())
    compression: CompressionSettings = Field(default=CompressionSettings())
    registry: RegistrySettings = Field(default=RegistrySettings())
    serving: ServingSettings = Field(default=ServingSettings())
    rag: RagSettings
    fine_tuning: FineTuningSettings
    hybrid: Settings

    @model_validator(mode="after")
    def _halves_hold(self) -> Self:
        try:
            self.rag_project()
            self.fine_tuning_project()
        except ValidationError as error:
            raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error
        return self

    def rag_project(self) -> RagProject:
        """The settings as the retrieval half reads them."""
        return RagProject(**{name: getattr(self, name) for name in RagProject.model_fields})

    def fine_tuning_project(self) -> FineTuningProject:
        """The settings as the tuned half reads them."""
        return FineTuningProject(**{name: getattr(self, name) for name in FineTuningProject.model_fields})
