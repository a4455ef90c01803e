"""The official encoder and decoder, at any size, with random weights that make them do something."""

import math

import numpy as np
import torch
from fairseq2.data import VocabularyInfo
from fairseq2.generation import BeamSearchSeq2SeqGenerator
from fairseq2.models.sequence import SequenceBatch
from sonar.models.sonar_text.config import SonarTextDecoderConfig, SonarTextEncoderConfig
from sonar.models.sonar_text.factory import SonarTextDecoderFactory, SonarTextEncoderFactory
from sonar.models.sonar_translation import SonarEncoderDecoderModel
from sonar.models.sonar_translation.model import DummyEncoderModel

PAD, UNK, BOS, EOS = range(4)


def settings(shape):
    """As sonar-space's own "basic" architecture has them, `pad_idx` and all."""
    return dict(
        model_dim=shape.dim, max_seq_len=512, num_encoder_layers=shape.encoder_layers,
        num_decoder_layers=shape.decoder_layers, num_encoder_attn_heads=shape.heads,
        num_decoder_attn_heads=shape.heads, ffn_inner_dim=shape.ffn, activation_fn="ReLU", learned_pos=False,
        vocab_info=VocabularyInfo(size=shape.vocabulary, unk_idx=1, bos_idx=2, eos_idx=3, pad_idx=1),
        no_scale_embedding=False, no_token_positional_embeddings=False, layernorm_embedding=False, emb_dropout_p=0.1,
        attention_dropout_p=0.1, activation_dropout_p=0.1)


def make_encoder(shape):
    config = SonarTextEncoderConfig(**settings(shape), pooling="mean", normalize_before=False, _from_fairseq=True)
    return SonarTextEncoderFactory(config).create_model().eval()


def make_decoder(shape):
    return SonarTextDecoderFactory(SonarTextDecoderConfig(**settings(shape), normalize_before=True)).create_model().eval()


GAINS = (("q_proj", 2), ("k_proj", 2), ("encoder_decoder_attn", 0.8), ("self_attn", 0.5))
"""Attention looks at some positions more than at others, but adds less than the feed-forward part does: else all positions
become one. That part's ReLU has a mean, which would become the same for all, too: its output rows sum to zero."""


class Weights:
    """Random weights, the same on every machine: NumPy's generator, not torch's."""

    def __init__(self, seed, short=False):
        self.random = np.random.default_rng(seed)
        self.short = short

    def normal(self, shape):
        return torch.from_numpy(self.random.standard_normal(tuple(shape), dtype=np.float32))

    @torch.no_grad()
    def fill(self, model):
        """So that every layer changes its input, positions stay different through 24 layers, and what is decoded depends
        on the embedding, the position and the tokens before."""
        done = set()
        for name, parameter in model.named_parameters():
            if parameter.data_ptr() in done:
                continue
            done.add(parameter.data_ptr())
            parameter.copy_(self.round(self.value(name, self.normal(parameter.shape))))

    def value(self, name, noise):
        if "layer_norm" in name and name.endswith("weight"):
            return 1 + 0.2 * noise
        if "embed" in name:
            return noise / math.sqrt(noise.shape[1])
        if noise.dim() == 1:
            return 0.1 * noise
        if "ffn.output_proj" in name:
            noise = noise - noise.mean(1, keepdim=True)
        return next((gain for part, gain in GAINS if part in name), 1.5) * noise / math.sqrt(noise.shape[1])

    def round(self, values):
        """To what bfloat16 and float16 both hold."""
        return values.bfloat16().half().float() if self.short else values

    @torch.no_grad()
    def unstick(self, decoder):
        """Random signs in the final LayerNorm, or the tied embedding would make the decoder repeat its input for ever."""
        norm = decoder.decoder.layer_norm.weight
        norm.mul_(self.normal(norm.shape).sign())

    @torch.no_grad()
    def favour_specials(self, decoder):
        """Makes `</s>`, and `<pad>` and `<unk>` in greedy decoding, a choice now and then."""
        embed = decoder.decoder_frontend.embed.weight
        for token, gain in ((PAD, 1.6), (UNK, 1.6), (EOS, 2.6)):
            embed[token] = self.round(embed[token] * gain)


@torch.inference_mode()
def encode(encoder, ids):
    """The states after the final LayerNorm and the embedding."""
    output = encoder(SequenceBatch(torch.tensor([ids]), None))
    return output.encoded_seqs[0], output.sentence_embeddings[0]


@torch.inference_mode()
def logits(decoder, embedding, ids):
    """After every one of the ids."""
    states, _ = decoder.decode(torch.tensor([ids]), None, embedding[None, None], None)
    return decoder.project(states, None).logits[0]


@torch.inference_mode()
def beam(decoder, embedding, language, size, max_new_tokens, noise=None):
    """The finished hypotheses, best first; `noise` is added to logits of a given shape."""
    model = SonarEncoderDecoderModel(DummyEncoderModel(embedding.shape[0]), decoder).eval()
    if noise is not None:
        project = model.project

        def noisy(*arguments):
            output = project(*arguments)
            output.logits += noise(output.logits.shape)
            return output

        model.project = noisy
    generator = BeamSearchSeq2SeqGenerator(model, beam_size=size, max_gen_len=(0, max_new_tokens))
    output = generator(embedding[None], None, torch.tensor([[EOS, language]]), None)
    return [(h.seq.tolist(), float(h.score)) for h in output.hypotheses[0]]
