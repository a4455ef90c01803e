"""Aligned sums and differences, in digits or words, right and wrong ones."""

NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty".split(),
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete"
    " dieciocho diecinueve veinte".split(),
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit"
    " dix-neuf vingt".split())
PLUS = ("plus", "más", "plus")
MINUS = ("minus", "menos", "moins")
IS = ("is", "son", "font")
LARGEST = 20
WRONG = 0.4


def sum_triple(random):
    """One sum in three languages; `random` is a `random.Random`."""
    a = random.randint(0, LARGEST)
    b = random.randint(0, LARGEST - a)
    adds = random.random() < 0.7
    left, right = (a, a + b) if adds else (a + b, a)
    if random.random() < WRONG:
        right = random.randint(0, LARGEST)
    if random.random() < 0.5:
        return (f"{left} {'+' if adds else '-'} {b} = {right}",) * 3
    sign = PLUS if adds else MINUS
    words = (f"{n[left]} {s} {n[b]} {i} {n[right]}" for n, s, i in zip(NUMBERS, sign, IS))
    return tuple(words)
