"""A checkpoint becomes a model folder: fp16 safetensors under fairseq2's names, config.json, sentencepiece.model."""

import json
import shutil

import torch
from safetensors.torch import save_file

from sonarmini.network import FIRST_POSITION, Shape
from sonarmini.vocabulary import BOS, EOS, LANGUAGE_TOKENS, LANGUAGES, PAD, PIECE_OFFSET, UNK

LARGEST_BYTES = 30_000_000
EPSILON = 1e-5
SIDES = (("encoder", "encoder.encoder"), ("decoder", "decoder.decoder"))
OUTER = {"encoder_norm": "encoder.layer_norm", "decoder_norm": "decoder.decoder.layer_norm"}
INNER = {"attention.out": "self_attn.output_proj", "attention_norm": "self_attn_layer_norm",
         "feed.inner": "ffn.inner_proj", "feed.out": "ffn.output_proj", "feed_norm": "ffn_layer_norm",
         "cross_norm": "encoder_decoder_attn_layer_norm", "cross_q": "encoder_decoder_attn.q_proj",
         "cross_k": "encoder_decoder_attn.k_proj", "cross_v": "encoder_decoder_attn.v_proj",
         "cross_out": "encoder_decoder_attn.output_proj"}
"""A layer's parts here and in fairseq2; the fused q, k, v is taken apart beside these."""


def renamed(state):
    """The tensors of an `Autoencoder` under the names of SONAR's encoder (`encoder.`) and decoder (`decoder.`)."""
    tensors = {}
    for name, tensor in state.items():
        module, _, kind = name.rpartition(".")
        side, _, rest = module.partition(".")
        if module.endswith("_embed"):
            tensors[f"{side[:7]}.{side[:7]}_frontend.embed.weight"] = tensor
        elif module in OUTER:
            tensors[f"{OUTER[module]}.{kind}"] = tensor
        else:
            index, _, part = rest.partition(".")
            layer = f"{dict(SIDES)[side]}.layers.{index}"
            if part == "attention.qkv":
                for letter, third in zip("qkv", tensor.chunk(3)):
                    tensors[f"{layer}.self_attn.{letter}_proj.{kind}"] = third
            else:
                tensors[f"{layer}.{INNER[part]}.{kind}"] = tensor
    return tensors


def config(shape, parameters, steps):
    return {
        "architecture": "sonar_text_basic", "model_dim": shape.dim, "vocab_size": shape.vocabulary,
        "num_encoder_layers": shape.encoder_layers, "num_decoder_layers": shape.decoder_layers,
        "num_heads": shape.heads, "ffn_inner_dim": shape.inner, "max_seq_len": shape.longest, "activation": "relu",
        "pooling": "mean", "norm_order": "pre", "layer_norm_eps": EPSILON, "scale_embedding": True,
        "position_encoding": "fairseq_sinusoidal", "legacy_pad_idx": 1, "first_position": FIRST_POSITION,
        "pad_idx": PAD, "unk_idx": UNK, "bos_idx": BOS, "eos_idx": EOS, "sentencepiece_id_offset": PIECE_OFFSET,
        "languages": list(LANGUAGES),
        "language_tokens": {f"__{name}__": token for name, token in zip(LANGUAGES, LANGUAGE_TOKENS)},
        "num_parameters": parameters, "training_steps": steps}


def export(work, out):
    """Writes the average weights of `work`'s checkpoint. Raises ValueError for weights that fp16 cannot hold."""
    state = torch.load(work / "checkpoint.pt", weights_only=True, map_location="cpu")
    tensors = {name: tensor.half().contiguous().clone() for name, tensor in renamed(state["average"]).items()}
    wrong = [name for name, tensor in tensors.items() if not torch.isfinite(tensor).all()]
    if wrong:
        raise ValueError(f"not finite in fp16: {' '.join(wrong)}")
    out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    (out / "model.safetensors").chmod(0o644)
    size = (out / "model.safetensors").stat().st_size
    if size > LARGEST_BYTES:
        raise ValueError(f"model.safetensors has {size:,} bytes, more than {LARGEST_BYTES:,}")
    parameters = sum(tensor.numel() for tensor in tensors.values())
    text = json.dumps(config(Shape(), parameters, state["step"]), indent=1)
    (out / "config.json").write_text(text + "\n")
    shutil.copy(work / "sentencepiece.model", out / "sentencepiece.model")
    return state["step"]
