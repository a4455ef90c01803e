"""The official SONAR modules (sonar-space on fairseq2 and torch) at full size with random weights, on one thread.

Greedy decoding is a loop over the decoder with fairseq2's key-value cache and nothing around it, which is faster than
its generators; beam search is the generator SONAR's pipeline uses.
"""

import gc
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Tests/Conformance/reference"))

import measure  # noqa: E402
from fairseq2.generation import BeamSearchSeq2SeqGenerator  # noqa: E402
from fairseq2.models.sequence import SequenceBatch  # noqa: E402
from fairseq2.nn import IncrementalStateBag  # noqa: E402
from official import EOS, make_decoder, make_encoder  # noqa: E402
from shapes import Shape  # noqa: E402
from sonar.models.sonar_translation import SonarEncoderDecoderModel  # noqa: E402
from sonar.models.sonar_translation.model import DummyEncoderModel  # noqa: E402

SHAPE = Shape(1024, 24, 24, heads=16, ffn=8192, pieces=256_000, languages=("eng_Latn",) * 202)
LANGUAGE = 256_047


class Official:
    def __init__(self, precision):
        self.type = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
        self.module = None
        self.side = None

    def load(self, side):
        """One half at a time, as memory allows."""
        if self.side != side:
            self.module = None
            gc.collect()
            self.side, self.module = side, (make_encoder if side == "encoder" else make_decoder)(SHAPE).to(self.type)
        return self.module

    def __call__(self, case):
        if case.kind == "encode":
            encoder = self.load("encoder")
            ids = torch.randint(4, 256_000, case.numbers)
            return lambda: encoder(SequenceBatch(ids, None)).sentence_embeddings
        decoder = self.load("decoder")
        embeddings = torch.randn(case.numbers[-1] if case.numbers else 1, SHAPE.dim).to(self.type) * 0.2
        if case.kind == "decode":
            return lambda: greedy(decoder, embeddings)
        if case.kind == "beam":
            return lambda: beam(decoder, embeddings, case.numbers[0])
        return lambda: study_loop(decoder, embeddings)


def prompt(embeddings):
    return torch.tensor([[EOS, LANGUAGE]]).repeat(len(embeddings), 1)


def greedy(decoder, embeddings):
    cache = IncrementalStateBag(max_num_steps=measure.TOKENS + 2)
    step, source = prompt(embeddings), embeddings[:, None]
    for _ in range(measure.TOKENS):
        states, _ = decoder.decode(step, None, source, None, state_bag=cache)
        cache.increment_step_nr(step.shape[1])
        # Two-dimensional and contiguous: of a strided slice torch makes a batched product with a copy of the table a row.
        logits = decoder.project(states[:, -1].contiguous(), None).logits
        logits[:, EOS] = -torch.inf
        step = logits.argmax(-1, keepdim=True)


def study_loop(decoder, embeddings):
    """The study's: every token decodes the whole sequence anew, one sequence at a time."""
    ids = prompt(embeddings)
    for _ in range(measure.TOKENS):
        states, _ = decoder.decode(ids, None, embeddings[:, None], None)
        logits = decoder.project(states, None).logits[:, -1]
        logits[..., EOS] = -torch.inf
        ids = torch.cat([ids, logits.argmax(-1, keepdim=True)], 1)


def beam(decoder, embeddings, size):
    model = SonarEncoderDecoderModel(DummyEncoderModel(SHAPE.dim), decoder).eval()
    length = measure.TOKENS
    generator = BeamSearchSeq2SeqGenerator(
        model, beam_size=size, min_gen_len=length, max_gen_len=(0, length), max_seq_len=512)
    generator(embeddings, None, prompt(embeddings), None)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(1)
    with torch.inference_mode():
        measure.main("official", ["fp32", "bf16"], Official)
