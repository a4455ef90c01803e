"""CTranslate2 in int8 on the shape of NLLB 1.3B, which is SONAR's (24 + 24 layers, 1024, 8192, vocabulary 256,206), with
random weights, on one thread.

It has no bottleneck: decoding attends to what the encoder made of one source token, which is nearest to one vector and
costs it one encoded token a sequence.
"""

import os
import sys
from pathlib import Path

import measure

DIRECTORY = Path(os.environ.get("PEERS", ".full")) / "ctranslate2"
VOCABULARY = 256_206


def convert():
    """Writes an encoder and a whole model in int8, once."""
    import ctranslate2
    from ctranslate2.converters.transformers import M2M100Loader
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    config = M2M100Config(
        vocab_size=VOCABULARY, d_model=1024, encoder_layers=24, decoder_layers=24, encoder_attention_heads=16,
        decoder_attention_heads=16, encoder_ffn_dim=8192, decoder_ffn_dim=8192, activation_function="relu",
        scale_embedding=True, max_position_embeddings=1024, bos_token_id=0, pad_token_id=1, eos_token_id=2,
        decoder_start_token_id=2)
    tokens = ["<s>", "<pad>", "</s>", "<unk>"] + [f"t{i}" for i in range(4, VOCABULARY)]
    for name in ("model", "encoder"):
        spec = M2M100Loader().get_model_spec(M2M100ForConditionalGeneration(config).eval())
        if name == "encoder":
            spec = ctranslate2.specs.TransformerEncoderModelSpec(spec.encoder)
            spec.register_vocabulary(tokens)
        else:
            spec.register_source_vocabulary(tokens)
            spec.register_target_vocabulary(tokens)
            spec.config.decoder_start_token = "</s>"
        spec.config.unk_token, spec.config.eos_token, spec.config.bos_token = "<unk>", "</s>", "<s>"
        spec.validate()
        spec.optimize(quantization="int8")
        (DIRECTORY / name).mkdir(parents=True, exist_ok=True)
        spec.save(str(DIRECTORY / name))


def make(precision):
    import ctranslate2

    if not (DIRECTORY / "encoder" / "model.bin").exists():
        # In a process of its own: its memory is not the peer's.
        if os.spawnv(os.P_WAIT, sys.executable, [sys.executable, __file__, "convert"]) != 0:
            sys.exit("the CTranslate2 model could not be made")
    options = dict(device="cpu", compute_type=precision, inter_threads=1, intra_threads=1)
    loaded = {}

    def load(name, kind):
        if name not in loaded:
            loaded.clear()
            loaded[name] = kind(str(DIRECTORY / name), **options)
        return loaded[name]

    def prepare(case):
        if case.kind == "encode":
            encoder = load("encoder", ctranslate2.Encoder)
            rows, length = case.numbers
            ids = [[4 + (7919 * (i * length + j)) % 250_000 for j in range(length)] for i in range(rows)]
            return lambda: encoder.forward_batch(ids)
        translator = load("model", ctranslate2.Translator)
        beam, rows = case.numbers if case.kind == "beam" else (1, case.numbers[0])
        source = [[f"t{4 + i}"] for i in range(rows)]

        def work():
            results = translator.translate_batch(
                source, target_prefix=[["t9"]] * rows, beam_size=beam, max_batch_size=0,
                min_decoding_length=measure.TOKENS + 1, max_decoding_length=measure.TOKENS + 1)
            assert all(len(r.hypotheses[0]) == measure.TOKENS + 1 for r in results), [len(r.hypotheses[0]) for r in results]

        return work

    return prepare


if __name__ == "__main__":
    convert() if sys.argv[1:] == ["convert"] else measure.main("ctranslate2", ["int8"], make)
