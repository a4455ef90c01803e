"""Rows of token ids that no grammar made: fillers, random words, spliced and disturbed sentences.

Every function returns an array of `rows x width`, padded with PAD at the end; `random` is a numpy Generator.
"""

import numpy as np

from sonarmini.vocabulary import END_OF_PIECES, FIRST_PIECE, PAD


def pad(rows, lengths):
    """Makes everything after a row's length padding, in place."""
    rows[np.arange(rows.shape[1]) >= lengths[:, None]] = PAD
    return rows


class Sequences:
    def __init__(self, words, fillers, flat):
        """`words`: ids of pieces that are words; `fillers`: ids of the usual fillers; `flat`: per language, the ids of
        all sentences in one array."""
        self.words, self.fillers, self.flat = words, fillers, flat

    def tokens(self, random, shape, words=0.8):
        """Random words, and any piece at all in a share of `1 - words`."""
        some = random.choice(self.words, shape)
        any_piece = random.integers(FIRST_PIECE, END_OF_PIECES, shape)
        return np.where(random.random(shape) < words, some, any_piece)

    def filled(self, random, lengths, width):
        """One filler all along, with up to four other tokens in it; the last positions as often as the first."""
        count = len(lengths)
        filler = random.choice(self.fillers, count, p=[0.42, 0.22, 0.22, 0.14])
        filler = np.where(random.random(count) < 0.15, self.tokens(random, count), filler)
        rows = np.repeat(filler[:, None], width, 1)
        others = random.choice(5, count, p=[0.04, 0.58, 0.22, 0.10, 0.06])
        repeats = random.random(count) < 0.3
        first = self.tokens(random, count, 0.85)
        late = random.random(count) < 0.4
        for number in range(4):
            share = random.random(count)
            share = np.where(late, np.sqrt(share), share)
            position = (share * lengths).astype(np.int64)
            token = np.where(repeats | (number == 0), first, self.tokens(random, count, 0.85))
            chosen = np.nonzero(others > number)[0]
            rows[chosen, position[chosen]] = token[chosen]
        return pad(rows, lengths)

    def random_words(self, random, lengths, width):
        return pad(self.tokens(random, (len(lengths), width)), lengths)

    def spliced(self, random, lengths, width, language):
        """Pieces of one to six tokens out of a language's sentences, one after another; now and then a random word."""
        count = len(lengths)
        begins = random.random((count, width)) < 0.42
        begins[:, 0] = True
        columns = np.arange(width)
        begin = np.maximum.accumulate(np.where(begins, columns, 0), axis=1)
        rows = np.zeros((count, width), np.int64)
        for index, flat in enumerate(self.flat):
            of = np.nonzero(language == index)[0]
            starts = random.integers(0, len(flat) - width, (len(of), width))
            chunk = np.take_along_axis(starts, begin[of], 1)
            rows[of] = flat[chunk + columns - begin[of]]
        odd = random.random((count, width)) < 0.08
        rows[odd] = self.tokens(random, int(odd.sum()), 0.7)
        return pad(rows, lengths)

    def disturbed(self, random, rows):
        """`rows` with one to three tokens exchanged, replaced, repeated or left out; the lengths may shrink."""
        rows = rows.copy()
        count = len(rows)
        for turn in range(3):
            lengths = (rows != PAD).sum(1)
            a, b = ((random.random((2, count)) * lengths).astype(np.int64))
            change = random.choice(6, count, p=[0.3, 0.25, 0.15, 0.1, 0.1, 0.1])
            if turn:
                change[random.random(count) < 0.5] = 5
            self._change(random, rows, lengths, a, b, change)
        return rows

    def _change(self, random, rows, lengths, a, b, change):
        """Does one change in every row: 0 exchanges a and b, 1 puts any token at a, 2 repeats b's token at a, 3 leaves a
        out, 4 turns the row round from a on, 5 changes nothing."""
        each = np.arange(len(rows))
        old_a, old_b = rows[each, a], rows[each, b]
        new = self.tokens(random, len(rows), 0.7)
        rows[each, a] = np.select([change == 0, change == 1, change == 2], [old_b, new, old_b], old_a)
        exchanged = change == 0
        rows[each[exchanged], b[exchanged]] = old_a[exchanged]
        columns = np.arange(rows.shape[1])
        source = np.broadcast_to(columns, rows.shape).copy()
        left_out = (change == 3) & (lengths > 1)
        source[left_out] += columns >= a[left_out, None]
        turned = change == 4
        behind = (columns >= a[turned, None]) & (columns < lengths[turned, None])
        source[turned] = np.where(behind, a[turned, None] + lengths[turned, None] - 1 - columns, columns)
        wide = np.concatenate([rows, np.full((len(rows), 1), PAD)], 1)
        rows[:] = np.take_along_axis(wide, source, 1)
