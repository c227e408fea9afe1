"""Which prompt is tried, on what, and what it may cost."""

from typing import Literal

from pydantic import Field

from ..corpus.settings import Settings as CorpusSettings
from ..embedding.settings import Settings as EmbeddingSettings
from ..language_models.settings import Settings as LanguageModelSettings
from ..project_base.settings import OptionalPath, ProjectPath, RoomSettings
from ..project_base.settings import Settings as BaseSettings
from ..serving.settings import Settings as ServingSettings


class Settings(RoomSettings):
    """Settings of the prompts and of their trial."""

    method: Literal["few_shot", "whole_corpus", "map_reduce"] = Field(
        default="few_shot",
        description="worked examples with each input, the whole corpus in the prompt, or one prompt a document",
    )
    prompt: ProjectPath = Field(description="prompt file that is tried and served")
    reduce_prompt: OptionalPath = Field(
        default="", description="map_reduce: prompt file that words the result; empty prints the table alone"
    )
    question: str = Field(default="", description="map_reduce: what the result is to answer, in a sentence")
    items: ProjectPath = Field(description="evaluation set: inputs with wanted outputs, as jsonl, csv or tsv")
    examples: OptionalPath = Field(
        description="worked examples for few_shot, in the form of the items; empty sends none"
    )
    shots: int = Field(default=4, ge=0, le=100, description="worked examples that are sent with each input")
    choose_shots: Literal["similar", "fixed"] = Field(
        default="similar", description="similar takes the examples nearest to the input; fixed always the first ones"
    )
    response_format: Literal["none", "json_object", "json_schema"] = Field(
        default="none", description="what the endpoint is asked for beside the prompt, where a prompt declares fields"
    )
    repair: bool = Field(default=True, description="whether an output that is not as declared is asked for once more")
    window_tokens: int = Field(
        default=128_000, ge=100, le=100_000_000, description="tokens that the model reads at most, answer included"
    )
    most_corpus_tokens: int = Field(
        default=200_000, ge=100, le=100_000_000, description="whole_corpus: a larger corpus is refused"
    )
    concurrent: int = Field(default=1, ge=1, le=64, description="requests to an endpoint at once")
    target: float = Field(default=0.9, gt=0, le=1, description="share of good outputs that pays off")
    most_ms: float = Field(
        default=0.0, ge=0, le=86_400_000, description="time that 95 of 100 calls may take; 0 sets no limit"
    )
    most_per_item: float = Field(default=0.0, ge=0, le=1_000_000, description="money an item may cost; 0 sets no limit")
    input_price: float = Field(default=0.0, ge=0, le=1_000_000, description="money per million tokens read")
    cached_price: float = Field(default=0.0, ge=0, le=1_000_000, description="money per million tokens from the cache")
    output_price: float = Field(default=0.0, ge=0, le=1_000_000, description="money per million tokens written")
    currency: str = Field(default="USD", min_length=1, max_length=10, description="currency of the prices")
    runs_folder: ProjectPath = Field(
        default="runs", description="folder of paid answers, results and reviews; deleting it means to pay again"
    )
    input_characters: int = Field(default=20_000, ge=10, le=10_000_000, description="longest input that is served")


class ProjectSettings(RoomSettings):
    """One section for each room of the project."""

    project_base: BaseSettings = Field(default=BaseSettings())
    corpus: CorpusSettings
    embedding: EmbeddingSettings = Field(default=EmbeddingSettings())
    language_models: LanguageModelSettings = Field(default=LanguageModelSettings())
    serving: ServingSettings = Field(default=ServingSettings())
    prompting: Settings
