"""Writes one model as fairseq2, legacy fairseq and Hugging Face files."""

import json
from collections import OrderedDict

import torch
from safetensors.torch import save_file
from transformers import M2M100Config, M2M100ForConditionalGeneration

# fairseq2's name parts and what fairseq and Hugging Face call them; the order matters.
NAMES = (("self_attn.output_proj", "self_attn.out_proj"), ("encoder_decoder_attn.output_proj", "encoder_attn.out_proj"),
         ("encoder_decoder_attn", "encoder_attn"), ("ffn.inner_proj", "fc1"), ("ffn.output_proj", "fc2"),
         ("ffn_layer_norm", "final_layer_norm"))


def renamed(model, side):
    """Tensors under fairseq's names, and the embedding table apart."""
    tensors = OrderedDict()
    for name, tensor in model.state_dict().items():
        if "embed" in name or "final_proj" in name:
            continue
        name = name.removeprefix(f"{side}.")
        for theirs, ours in NAMES:
            name = name.replace(theirs, ours)
        tensors[name] = tensor.clone()
    return tensors, getattr(model, f"{side}_frontend").embed.weight.detach().clone()


def fused(tensors):
    """Replaces q, k and v projections by views of one storage."""
    for name in [name for name in tensors if "q_proj" in name]:
        names = [name.replace("q_proj", f"{letter}_proj") for letter in "qkv"]
        whole = torch.cat([tensors[n] for n in names])
        tensors.update(zip(names, whole.chunk(3)))
    return tensors


def write_fairseq2(model, path, views=False):
    tensors = OrderedDict(model.state_dict())
    torch.save({"model": fused(tensors) if views else tensors}, path)


def write_legacy(model, side, path, half=False, views=False):
    """fairseq's row order (`<s>` `<pad>` `</s>` `<unk>`) and the extras its checkpoints hold; one storage is the table,
    the output projection and the pickled module."""
    tensors, table = renamed(model, side)
    table[[1, 3, 0, 2]] = table[[0, 1, 2, 3]].clone()
    table = table.half() if half else table
    tensors["version"] = torch.tensor([3.0])
    tensors["embed_positions._float_tensor"] = torch.zeros(1)
    tensors["embed_tokens.weight"] = table
    if side == "decoder":
        tensors["output_projection.weight"] = table
    if half:
        tensors = OrderedDict((name, tensor.half()) for name, tensor in tensors.items())
    module = torch.nn.Embedding(*table.shape, padding_idx=1, _weight=tensors["embed_tokens.weight"])
    torch.save({"state_dict": fused(tensors) if views else tensors, "embed_tokens": module, "args": None}, path)


def hugging_face(model, side):
    """Tensors under Hugging Face's names without a prefix, and the table in its row order (`<s>` `<pad>` `</s>`
    `<unk>`)."""
    tensors, table = renamed(model, side)
    table[[0, 1, 2, 3]] = table[[2, 0, 3, 1]].clone()
    return tensors, table


def prefixed(prefix, tensors):
    return {prefix + name: tensor.contiguous() for name, tensor in tensors.items()}


def m2m100_config(shape):
    return M2M100Config(
        vocab_size=shape.vocabulary, d_model=shape.dim, encoder_layers=shape.encoder_layers,
        decoder_layers=shape.decoder_layers, encoder_attention_heads=shape.heads, decoder_attention_heads=shape.heads,
        encoder_ffn_dim=shape.ffn, decoder_ffn_dim=shape.ffn, activation_function="relu", scale_embedding=True,
        max_position_embeddings=1024, bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2)


def write_hugging_face(encoder, decoder, fixture, directory):
    """In one of the layouts that ports have; `LAYOUTS` names them."""
    directory.mkdir()
    LAYOUTS[fixture.hf](encoder, decoder, fixture, directory)
    if not (directory / "config.json").exists():
        config = m2m100_config(fixture.shape).to_diff_dict()
        (directory / "config.json").write_text(json.dumps(config, indent=1) + "\n")


def side_prefixed(encoder, decoder, fixture, directory):
    """Two files with `encoder.` and `decoder.`; the encoder's table is `shared`, the decoder's stands there twice."""
    tensors, table = hugging_face(encoder, "encoder")
    save_file(prefixed("encoder.", tensors) | {"shared.weight": table}, directory / "encoder.safetensors")
    tensors, table = hugging_face(decoder, "decoder")
    save_file(prefixed("decoder.", {**tensors, "embed_tokens.weight": table}) | {"lm_head.weight": table.clone()},
              directory / "decoder.safetensors")


def one_file(encoder, decoder, fixture, directory):
    """Both sides with a table each, and a table of positions as older versions saved it."""
    both = {}
    for model, side in ((encoder, "encoder"), (decoder, "decoder")):
        tensors, table = hugging_face(model, side)
        tensors["embed_tokens.weight"] = table
        both |= prefixed(f"{side}.", tensors)
    both["decoder.embed_positions.weights"] = torch.zeros(10, fixture.shape.dim)
    save_file(both, directory / "model.safetensors", metadata={"format": "pt"})


def head_only(encoder, decoder, fixture, directory):
    """bfloat16: an encoder without any prefix, and a decoder whose table is only in `lm_head`."""
    tensors, table = hugging_face(encoder, "encoder")
    files = {"encoder": prefixed("", {**tensors, "embed_tokens.weight": table})}
    tensors, table = hugging_face(decoder, "decoder")
    files["decoder"] = prefixed("model.decoder.", tensors) | {"lm_head.weight": table}
    for name, tensors in files.items():
        save_file({n: t.bfloat16() for n, t in tensors.items()}, directory / f"{name}.safetensors")


def sharded(encoder, decoder, fixture, directory):
    """float16, in several files with an index, as transformers writes a whole M2M100 whose sides share their table."""
    tensors, table = hugging_face(encoder, "encoder")
    state = prefixed("model.encoder.", tensors)
    tensors, decoder_table = hugging_face(decoder, "decoder")
    assert torch.equal(table, decoder_table)
    state |= prefixed("model.decoder.", tensors) | {"model.shared.weight": table}
    model = M2M100ForConditionalGeneration(m2m100_config(fixture.shape))
    missing = model.load_state_dict(state, strict=False)
    assert not missing.unexpected_keys and all("embed_tokens" in n or "lm_head" in n for n in missing.missing_keys)
    model.half().save_pretrained(directory, max_shard_size="100KB")
    (directory / "generation_config.json").unlink()


LAYOUTS = {"side-prefixed": side_prefixed, "one-file": one_file, "head-only": head_only, "sharded": sharded}
"""Of safetensors. `sharded` wants an encoder and a decoder with the same table."""
