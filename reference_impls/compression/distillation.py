"""Makes a student of few layers that answers like a larger model, or like any other kind of classifier."""

from collections.abc import Sequence

from ..encoders.base import Context
from ..encoders.loading import load_encoder
from ..encoders.network import Pool, SentenceNetwork
from ..encoders.preparing import head_group, new_reader
from ..encoders.source import find_source
from ..encoders.tuning import ClassifierAbout, TunedClassifier
from ..labelled_data.base import Classifier, Example, Tagger
from ..labelled_data.rungs import Fitted, Run
from ..project_base.errors import UserError
from ..training.base import ParameterGroup
from ..training.seeds import seed_everything
from .importance import layers_left, spread_layers
from .lessons import lessons_of, taught, teach
from .measuring import Candidate, measure_forms
from .networks import Parts, candidate, count_layers, fitted, parts_of
from .removing import keep_layers, layers_of
from .results import Compressed
from .settings import Settings


def distil(
    teacher: Classifier | Tagger,
    train: Sequence[Example],
    validation: Sequence[Example],
    held_out: Sequence[Example],
    unlabelled: Sequence[str],
    context: Context,
    settings: Settings,
    run: Run,
) -> tuple[Fitted, Compressed]:
    """Trains a student, and measures it beside its teacher.

    Args:
        teacher: Any classifier; it is asked every text once. With `student_from: teacher` a tuned one of the room
            encoders, whose layers the student begins with, every second one.
        train: Labelled examples; the student learns from their labels too.
        validation: Decides when to stop; may be empty.
        held_out: Examples that neither training nor any choice has seen.
        unlabelled: Further texts, of which only the teacher's answers are known; may be empty.
        context: The base encoder, and how networks are trained.
        settings: Layers, temperature, passes and the like.
        run: Where checkpoints are, the seed, and who watches.

    Returns:
        The student, kept and opened like a model of full tuning, and what was measured.

    Raises:
        UserError: The teacher is a tagger, there is nothing to learn from, or settings, data and teacher do not fit.
    """
    if isinstance(teacher, Tagger):
        raise UserError(
            "only classifiers can be distilled, and this model finds spans in texts",
            "make it smaller by pruning or by an export in int8, which work for such models too",
        )
    seed_everything(run.seed)
    student, groups = _student(teacher, context, settings)
    advance = run.progress("asking the teacher", len(train) + len(unlabelled))
    lessons = lessons_of(teacher, train, unlabelled, advance)
    batches, loss, digest = taught(student, lessons, settings)
    epochs = settings.distillation_epochs
    trained = teach(student, batches, loss, digest, validation, epochs, context, settings, run, groups)
    made = fitted(student, dict(trained.measured))
    candidates = {"teacher": _candidate(teacher), "student": candidate(student)}
    result = measure_forms("distil", candidates, held_out, settings)
    layers = len(layers_of(student.network.encoder).all)
    told = (
        f"the student has {layers} layers of the {settings.student_from}, and learned from {len(lessons.texts):,} texts"
    )
    return made, result.model_copy(update={"chosen": "student", "told": (f"{told}.",)})


def _student(teacher: Classifier, context: Context, settings: Settings) -> tuple[Parts, list[ParameterGroup]]:
    if settings.student_from == "teacher":
        parts = parts_of(teacher, "set compression.student_from to base, which takes any teacher")
        _keep_spread(parts, settings)
        return parts, []
    source = find_source(context.embedding)
    reader = new_reader(context, source)
    about = ClassifierAbout(
        base=source.identity,
        method="full",
        prompt=source.prompt,
        most_tokens=reader.most_tokens,
        labels=teacher.labels,
        shares=tuple(float(share) for share in teacher.probabilities([""])[0]),
        views=context.encoders.tuned_features,
    )
    encoder = load_encoder(source)
    pool = Pool(about.views, encoder.config.num_hidden_layers, normalised=True)
    network = SentenceNetwork(encoder, pool, len(about.labels), context.encoders.head_dropout)
    parts = Parts(about, network, reader)
    _keep_spread(parts, settings)
    return parts, [head_group(network, context)]


def _keep_spread(parts: Parts, settings: Settings) -> None:
    encoder = parts.network.encoder
    layers = len(layers_of(encoder).all)
    keep_layers(encoder, spread_layers(layers, layers_left(layers, settings)))
    count_layers(parts)


def _candidate(teacher: Classifier) -> Candidate:
    return candidate(parts_of(teacher)) if isinstance(teacher, TunedClassifier) else Candidate(teacher)
