"""The exported model in full and in fp32, from the tensors' names alone: no line is shared with the training network.

Separate q, k and v, real cross-attention over the one vector, no cache.
"""

import json
import math

import sentencepiece
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

LONGEST_TARGET = 64
ROWS_AT_ONCE = 256


class ReferenceModel:
    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        self.tensors = {name: t.float() for name, t in load_file(folder / "model.safetensors").items()}
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
        self.pad, self.end = self.config["pad_idx"], self.config["eos_idx"]
        self.languages = self.config["languages"]
        self.dim, self.heads = self.config["model_dim"], self.config["num_heads"]
        self.positions = self._positions()

    def _positions(self):
        """The fairseq encoding: wavelengths in geometric progression, sines in the first half of a row."""
        half = self.dim // 2
        place = torch.arange(self.config["max_seq_len"] + self.config["first_position"], dtype=torch.float64)
        angle = place[:, None] * 10_000 ** (-torch.arange(half, dtype=torch.float64) / (half - 1))
        return torch.cat([angle.sin(), angle.cos()], 1).float()[self.config["first_position"]:]

    # text and ids ---------------------------------------------------------------------------------

    def language_token(self, language):
        return self.config["language_tokens"][f"__{language}__"]

    def ids(self, text):
        return [piece + self.config["sentencepiece_id_offset"] for piece in self.pieces.encode(text)]

    def text(self, ids):
        first, last = self.end + 1, min(self.config["language_tokens"].values())
        kept = [i for i in ids if first <= i < last or i == self.config["unk_idx"]]
        return self.pieces.decode([i - self.config["sentencepiece_id_offset"] for i in kept])

    def framed(self, content, language):
        """What the encoder gets for a text or for ids."""
        content = self.ids(content) if isinstance(content, str) else list(content)
        return [self.language_token(language), *content, self.end]

    # layers ---------------------------------------------------------------------------------------

    def _linear(self, x, name):
        return F.linear(x, self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"])

    def _norm(self, x, name):
        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        return F.layer_norm(x, (self.dim,), weight, bias, self.config["layer_norm_eps"])

    def _attention(self, queries, keys, name, mask=None):
        def heads(x, part):
            x = self._linear(x, f"{name}.{part}_proj")
            return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)

        q, k, v = heads(queries, "q"), heads(keys, "k"), heads(keys, "v")
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        if mask is not None:
            scores = scores + mask
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(queries.shape)
        return self._linear(mixed, f"{name}.output_proj")

    def _feed(self, x, name):
        return self._linear(self._linear(x, f"{name}.inner_proj").relu(), f"{name}.output_proj")

    def _front(self, ids, name):
        return self.tensors[name][ids] * math.sqrt(self.dim) + self.positions[:ids.shape[1]]

    def padded(self, rows):
        length = max(map(len, rows))
        return torch.tensor([[*row, *[self.pad] * (length - len(row))] for row in rows])

    @torch.no_grad()
    def encode(self, rows):
        """Rows of ids, language token and `</s>` included: rows x dim, in the order given."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        out = torch.empty(len(rows), self.dim)
        for i in range(0, len(order), ROWS_AT_ONCE):
            some = order[i:i + ROWS_AT_ONCE]
            out[some] = self._encode(self.padded([rows[k] for k in some]))
        return out

    def _encode(self, ids):
        kept = ids.ne(self.pad)
        mask = torch.zeros(kept.shape).masked_fill(~kept, -math.inf)[:, None, None, :]
        x = self._front(ids, "encoder.encoder_frontend.embed.weight")
        for i in range(self.config["num_encoder_layers"]):
            layer = f"encoder.encoder.layers.{i}"
            y = self._norm(x, f"{layer}.self_attn_layer_norm")
            x = x + self._attention(y, y, f"{layer}.self_attn", mask)
            x = x + self._feed(self._norm(x, f"{layer}.ffn_layer_norm"), f"{layer}.ffn")
        x = self._norm(x, "encoder.layer_norm") * kept[..., None]
        return x.sum(1) / kept.sum(1, keepdim=True)

    @torch.no_grad()
    def logits(self, ids, embeddings):
        """`ids`: rows x length, the decoder's input. Gives rows x length x vocabulary."""
        length = ids.shape[1]
        x = self._front(ids, "decoder.decoder_frontend.embed.weight")
        mask = torch.full((length, length), -math.inf).triu(1)
        memory = embeddings[:, None, :]
        for i in range(self.config["num_decoder_layers"]):
            layer = f"decoder.decoder.layers.{i}"
            y = self._norm(x, f"{layer}.self_attn_layer_norm")
            x = x + self._attention(y, y, f"{layer}.self_attn", mask)
            y = self._norm(x, f"{layer}.encoder_decoder_attn_layer_norm")
            x = x + self._attention(y, memory, f"{layer}.encoder_decoder_attn")
            x = x + self._feed(self._norm(x, f"{layer}.ffn_layer_norm"), f"{layer}.ffn")
        return F.linear(self._norm(x, "decoder.decoder.layer_norm"), self.tensors["decoder.decoder_frontend.embed.weight"])

    # decoding -------------------------------------------------------------------------------------

    def greedy(self, embeddings, language, longest=LONGEST_TARGET):
        """The ids of every row, without `</s>`; `<pad>` is never written."""
        written = [None] * len(embeddings)
        for i in range(0, len(embeddings), ROWS_AT_ONCE):
            self._greedy(embeddings[i:i + ROWS_AT_ONCE], self.language_token(language), longest, written, i)
        return written

    def _greedy(self, embeddings, language, longest, written, first):
        rows = torch.arange(len(embeddings))
        ids = torch.tensor([[self.end, language]]).repeat(len(rows), 1)
        for _ in range(longest):
            scores = self.logits(ids, embeddings[rows])[:, -1]
            scores[:, self.pad] = -math.inf
            ids = torch.cat([ids, scores.argmax(1, keepdim=True)], 1)
            ended = ids[:, -1] == self.end
            for row, tokens in zip(rows[ended].tolist(), ids[ended].tolist()):
                written[first + row] = tokens[2:-1]
            rows, ids = rows[~ended], ids[~ended]
            if not len(rows):
                return
        for row, tokens in zip(rows.tolist(), ids.tolist()):
            written[first + row] = tokens[2:]

    def exact(self, embeddings, contents, languages):
        """Whether greedy decoding gives exactly these ids: with them as prompt, every best choice must be right."""
        right = [False] * len(contents)
        order = sorted(range(len(contents)), key=lambda i: len(contents[i]))
        for i in range(0, len(order), ROWS_AT_ONCE):
            some = order[i:i + ROWS_AT_ONCE]
            prompts = self.padded([[self.end, self.language_token(languages[k]), *contents[k]] for k in some])
            scores = self.logits(prompts, embeddings[some])[:, 1:]
            scores[..., self.pad] = -math.inf
            best = scores.argmax(-1).tolist()
            for k, row in zip(some, best):
                right[k] = row[:len(contents[k]) + 1] == [*contents[k], self.end]
        return right
