"""Trains the tokenizer: BPE in which nearly every form of the lexicon is one piece."""

import pathlib
import random
import string

import sentencepiece

from sonarmini.grammar import Grammar, lexicon_forms
from sonarmini.sums import NUMBERS, sum_triple
from sonarmini.vocabulary import PIECES, PIECE_OFFSET

SEED = 20261125
SENTENCES = 60_000
SUMS = 4_000
WORD_ROUNDS = 100
"""How often every word form stands in the text: what is often enough becomes one piece."""
CHARACTER_ROUNDS = 500

SINGLE = ("dog cat speak bird fish house bit happy is and now the a b _ . , ? ! + - = plus minus perro gato chien chat"
          " más menos moins son font").split()
"""What must be one piece: the words of the project's jobs and what sums are made of (and every digit)."""


def common_words():
    """Per language, frequent words that the grammar does not use."""
    path = pathlib.Path(__file__).parents[1] / "lexicon" / "common_words.txt"
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return {name: words.split() for name, words in (line.split(":", 1) for line in lines)}


def all_words():
    """Every word form of the three languages, sorted."""
    words = set().union(*lexicon_forms().values(), *common_words().values(), *NUMBERS)
    return sorted(words)


def training_lines():
    """The text the pieces are learned from."""
    source, grammar = random.Random(SEED), Grammar(SEED)
    for _ in range(SENTENCES):
        yield from grammar.triple()
    for _ in range(SUMS):
        yield from sum_triple(source)
    words = all_words()
    for _ in range(WORD_ROUNDS):
        source.shuffle(words)
        for i in range(0, len(words), 20):
            yield " ".join(words[i:i + 20])
    characters = list(string.ascii_letters + string.digits + string.punctuation)
    for _ in range(CHARACTER_ROUNDS):
        source.shuffle(characters)
        yield " ".join(characters)


def train_tokenizer(folder):
    """Writes `sentencepiece.model` into `folder`. Raises ValueError when a word of SINGLE became several pieces."""
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=training_lines(), model_prefix=str(folder / "sentencepiece"), model_type="bpe",
        vocab_size=PIECES, character_coverage=1.0, byte_fallback=False, add_dummy_prefix=True, num_threads=1,
        unk_id=0, bos_id=1, eos_id=2, pad_id=-1, minloglevel=1)
    (folder / "sentencepiece.vocab").unlink()
    processor = load_tokenizer(folder)
    split = [word for word in [*SINGLE, *string.digits] if len(processor.encode(word)) != 1]
    if split:
        raise ValueError(f"these words must be single pieces and are not: {' '.join(split)}")


def load_tokenizer(folder):
    return sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))


def token_ids(processor, text):
    """The model's ids of a text, without the language token and `</s>`."""
    return [piece + PIECE_OFFSET for piece in processor.encode(text)]
