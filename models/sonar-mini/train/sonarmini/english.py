"""English inflection: regular rules, and the few irregular forms that the lexicon's lines do not give themselves."""

IRREGULAR_THIRD_PERSON = {"have": "has", "go": "goes"}
VOWELS = "aeiou"


def _with_s(word, sibilants):
    if word.endswith(sibilants):
        return word + "es"
    if word.endswith("y") and word[-2] not in VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def plural(noun):
    return _with_s(noun, ("s", "x", "ch", "sh"))


def third_person(verb):
    return IRREGULAR_THIRD_PERSON.get(verb) or _with_s(verb, ("s", "x", "ch", "sh", "o"))


def past(verb):
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in VOWELS:
        return verb[:-1] + "ied"
    return verb + "ed"


def article(following):
    return "an" if following[0] in VOWELS else "a"
