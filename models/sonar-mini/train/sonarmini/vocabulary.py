"""The ids of a SONAR vocabulary: four control tokens, the pieces (SentencePiece id + 1), the language tokens."""

PAD, UNK, BOS, EOS = range(4)
FIRST_PIECE = 4
PIECE_OFFSET = 1
"""What fairseq adds to a SentencePiece id, because `<pad>` stands before `<unk>`."""

LANGUAGES = ("eng_Latn", "spa_Latn", "fra_Latn")
PIECES = 5196
VOCABULARY = 1 + PIECES + len(LANGUAGES)
LANGUAGE_TOKENS = tuple(range(VOCABULARY - len(LANGUAGES), VOCABULARY))
END_OF_PIECES = LANGUAGE_TOKENS[0]
