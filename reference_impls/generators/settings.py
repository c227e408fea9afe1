"""Which language model is tuned, how an adapter looks, and how a response is written."""

from typing import Literal

from pydantic import Field

from ..project_base.settings import ProjectPath, RoomSettings


class Settings(RoomSettings):
    """Settings of the language models that are tuned."""

    model: str = Field(
        default="stand_in",
        min_length=1,
        description="stand_in (tiny, untrained), or the hub name or folder of a causal language model",
    )
    stand_in_folder: ProjectPath = Field(
        default="stand_in", description="folder where stand_in is written on first use; its adapters need it"
    )
    chat_template: Literal["auto", "plain"] = Field(
        default="auto", description="auto takes the tokenizer's own template where it has one; plain never does"
    )
    most_tokens: int = Field(
        default=512, ge=16, le=1_000_000, description="longest conversation in training, in tokens; the rest is cut"
    )
    base_precision: Literal["auto", "float32", "bfloat16", "four_bit"] = Field(
        default="auto",
        description="numbers in which LoRA holds the frozen model; four_bit (QLoRA) was not tested here",
    )
    gradient_checkpointing: bool = Field(
        default=False, description="true computes activations twice instead of keeping them: less memory, slower"
    )
    lora_rank: int = Field(default=16, ge=1, le=1024, description="rank of the adapter")
    lora_alpha: float = Field(
        default=32.0, gt=0, le=4096, description="the adapter's product is scaled by lora_alpha / lora_rank"
    )
    lora_dropout: float = Field(
        default=0.05, ge=0, le=0.9, description="share of the adapter's inputs that training leaves out"
    )
    lora_targets: Literal["all_linear", "attention"] = Field(
        default="all_linear", description="layers that get an adapter"
    )
    lora_learning_rate: float = Field(
        default=0.0, ge=0, le=1, description="highest learning rate of an adapter; 0 chooses by the model"
    )
    full_learning_rate: float = Field(
        default=0.0, ge=0, le=1, description="highest learning rate of full tuning; 0 chooses by the model"
    )
    max_new_tokens: int = Field(default=200, ge=1, le=100_000, description="longest response, in tokens")
    temperature: float = Field(default=0.0, ge=0, le=2, description="0 always takes the likeliest token")
    batch_size: int = Field(default=16, ge=1, le=4096, description="most conversations that are answered at once")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        default="auto", description="where a trained model answers; training.device says where it is trained"
    )
