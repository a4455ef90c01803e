"""SONAR's text architecture as it is trained: q, k and v in one product, cross-attention as what it is for one vector.

Attention over ONE vector has a softmax weight of exactly 1, so it is `cross_out(cross_v(z))` whatever the query. Its q and
k projections and the LayerNorm before it never get a gradient; they are kept as they began, because SONAR's checkpoints
hold them. `reference.py` computes the exported model in full.
"""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from sonarmini.vocabulary import PAD, VOCABULARY

FIRST_POSITION = 2
"""fairseq numbers positions from padding_idx + 1, and SONAR's padding_idx there is 1, although `<pad>` has the id 0."""
MASKED = -1e9


@dataclass(frozen=True)
class Shape:
    vocabulary: int = VOCABULARY
    dim: int = 256
    heads: int = 8
    inner: int = 1024
    encoder_layers: int = 4
    decoder_layers: int = 4
    longest: int = 512


def sinusoids(count, dim):
    """Row p is the encoding of the p-th token, from 0: sines, then cosines."""
    half = dim // 2
    frequency = torch.exp(torch.arange(half, dtype=torch.float64) * (-math.log(10_000) / (half - 1)))
    angle = torch.arange(FIRST_POSITION, FIRST_POSITION + count, dtype=torch.float64)[:, None] * frequency
    return torch.cat([angle.sin(), angle.cos()], dim=1).float()


class SelfAttention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x, mask=None):
        """Plain products: the fused attention's backward pass on a CPU is many times slower at such short lengths."""
        rows, length, dim = x.shape
        q, k, v = self.qkv(x).view(rows, length, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        scores = torch.matmul(q * (dim // self.heads) ** -0.5, k.transpose(-1, -2))
        if mask is not None:
            scores = scores + mask.to(scores.dtype)
        weights = F.softmax(scores, -1, dtype=scores.dtype)
        return self.out(torch.matmul(weights, v).transpose(1, 2).reshape(rows, length, dim))


class FeedForward(nn.Module):
    def __init__(self, dim, inner):
        super().__init__()
        self.inner = nn.Linear(dim, inner)
        self.out = nn.Linear(inner, dim)

    def forward(self, x):
        return self.out(F.relu(self.inner(x)))


class EncoderLayer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.attention_norm, self.attention = nn.LayerNorm(shape.dim), SelfAttention(shape.dim, shape.heads)
        self.feed_norm, self.feed = nn.LayerNorm(shape.dim), FeedForward(shape.dim, shape.inner)

    def forward(self, x, mask):
        x = x + self.attention(self.attention_norm(x), mask)
        return x + self.feed(self.feed_norm(x))


class DecoderLayer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        dim = shape.dim
        self.attention_norm, self.attention = nn.LayerNorm(dim), SelfAttention(dim, shape.heads)
        self.cross_norm, self.cross_q, self.cross_k = nn.LayerNorm(dim), nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.cross_v, self.cross_out = nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.feed_norm, self.feed = nn.LayerNorm(dim), FeedForward(dim, shape.inner)
        for module in (self.cross_norm, self.cross_q, self.cross_k):
            module.requires_grad_(False)

    def forward(self, x, embedding, mask):
        x = x + self.attention(self.attention_norm(x), mask)
        x = x + self.cross_out(self.cross_v(embedding))[:, None, :]
        return x + self.feed(self.feed_norm(x))


class Autoencoder(nn.Module):
    def __init__(self, shape=Shape()):
        super().__init__()
        self.shape = shape
        self.encoder_embed = nn.Embedding(shape.vocabulary, shape.dim)
        self.decoder_embed = nn.Embedding(shape.vocabulary, shape.dim)
        self.encoder = nn.ModuleList(EncoderLayer(shape) for _ in range(shape.encoder_layers))
        self.decoder = nn.ModuleList(DecoderLayer(shape) for _ in range(shape.decoder_layers))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(shape.dim), nn.LayerNorm(shape.dim)
        self.register_buffer("positions", sinusoids(shape.longest, shape.dim), persistent=False)
        self._begin()

    def _begin(self):
        for table in (self.encoder_embed, self.decoder_embed):
            nn.init.normal_(table.weight, std=self.shape.dim ** -0.5)
        depth = self.shape.encoder_layers + self.shape.decoder_layers
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=(2 / (module.in_features + module.out_features)) ** 0.5)
                nn.init.zeros_(module.bias)
                if name.endswith(".out"):
                    module.weight.data.mul_((2 / depth) ** 0.5)

    def _front(self, table, ids):
        return table(ids) * math.sqrt(self.shape.dim) + self.positions[:ids.shape[1]]

    def encode(self, ids):
        """`ids`: rows x length, padded on the right with PAD. Gives rows x dim in float32."""
        kept = ids.ne(PAD)
        mask = None if bool(kept.all()) else torch.where(kept, 0.0, MASKED)[:, None, None, :]
        x = self._front(self.encoder_embed, ids)
        for layer in self.encoder:
            x = layer(x, mask)
        x, kept = self.encoder_norm(x.float()), kept.float()
        return torch.einsum("rtd,rt->rd", x, kept) / kept.sum(1, keepdim=True)

    def decode(self, ids, embedding):
        """The states after the last LayerNorm for given decoder inputs. Causal, so padding on the right needs no mask."""
        length = ids.shape[1]
        mask = torch.full((length, length), MASKED, device=ids.device).triu(1)
        x = self._front(self.decoder_embed, ids)
        for layer in self.decoder:
            x = layer(x, embedding, mask)
        return self.decoder_norm(x)

    def logits(self, states):
        return F.linear(states, self.decoder_embed.weight)
