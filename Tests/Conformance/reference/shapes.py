"""The fixtures: models small enough to commit, their shapes chosen to be unlike each other and unlike SONAR's."""

from dataclasses import dataclass

LANGUAGES = ("eng_Latn", "spa_Latn", "fra_Latn")


@dataclass(frozen=True)
class Shape:
    """A model's sizes."""

    dim: int
    encoder_layers: int
    decoder_layers: int
    heads: int
    ffn: int
    pieces: int
    """SentencePiece's own, `<unk>`, `<s>` and `</s>` included."""
    languages: tuple[str, ...] = LANGUAGES

    @property
    def vocabulary(self):
        """`<pad>`, the pieces, the languages, three data-source markers."""
        return 1 + self.pieces + len(self.languages) + 3

    def token(self, language):
        return 1 + self.pieces + self.languages.index(language)


@dataclass(frozen=True)
class Fixture:
    """A model and the forms its checkpoints take."""

    name: str
    seed: int
    shape: Shape
    hf: str
    """Which of the layouts in checkpoints.py the safetensors have."""
    normalization: str = "identity"
    """SentencePiece's rule; its tables for anything else are 240 KB a file."""
    short_weights: bool = False
    """Weights with 8 significant bits, so that half-precision files hold the same model."""
    views: bool = False
    """Save q, k and v as views of one storage, as files from a fused projection have them."""


FIXTURES = (
    Fixture("random-20d", 20, Shape(20, 1, 1, heads=1, ffn=33, pieces=301, languages=("spa_Latn", "eng_Latn")),
            hf="side-prefixed"),
    Fixture("random-36d", 37, Shape(36, 3, 1, heads=4, ffn=50, pieces=320, languages=(*LANGUAGES, "deu_Latn")),
            hf="one-file", normalization="nmt_nfkc", views=True),
    Fixture("random-48d", 48, Shape(48, 1, 3, heads=6, ffn=100, pieces=257),
            hf="head-only", short_weights=True),
    Fixture("random-64d", 64, Shape(64, 1, 2, heads=2, ffn=128, pieces=290, languages=(
        "ace_Arab", "deu_Latn", "eng_Latn", "fra_Latn", "por_Latn", "spa_Latn", "zul_Latn")),
            hf="sharded", short_weights=True),
)
