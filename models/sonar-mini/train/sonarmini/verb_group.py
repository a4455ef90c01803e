"""A verb with its tense, negation and adverb, between subject and object, in three languages."""

from sonarmini.lexicon import CAN, ESTAR, GO, SER, VERBS

PRESENT, PAST, FUTURE = "present", "past", "future"
TO_BE = (SER, ESTAR)
HAVE = next(verb for verb in VERBS if verb.french == "avoir")
IMPERFECT = "étais étais était étions étiez étaient".split()
"""Of être: what was lasted."""


def verb_group(verb, subject, tense, negated=False, adverb=None):
    """(English, Spanish, French) words; `adverb` is one in each language."""
    adverbs = [[word] for word in adverb] if adverb else [[], [], []]
    return (_english(verb, subject.person, tense, negated, adverbs[0]),
            _spanish(verb, subject.person, tense, negated, adverbs[1]),
            _french(verb, subject, tense, negated, adverbs[2]))


def _english(verb, person, tense, negated, adverb):
    third = person == 2
    no = ["not"] * negated
    is_now = {0: "am", 2: "is"}.get(person, "are")
    if tense == FUTURE:
        return [is_now, *no, "going", "to", *adverb, verb.english]
    if verb in TO_BE:
        return [is_now if tense == PRESENT else "was" if person in (0, 2) else "were", *no, *adverb]
    if verb is CAN:
        return ["cannot" if negated else "can"] if tense == PRESENT else ["could", *no]
    if negated:
        return ["did" if tense == PAST else "does" if third else "do", "not", *adverb, verb.english]
    return [*adverb, verb.english_past if tense == PAST else verb.english_third if third else verb.english]


def _spanish(verb, person, tense, negated, adverb):
    words = [*["no"] * negated, *adverb]
    if tense == FUTURE:
        return [*words, GO.spanish_present[person], "a", verb.spanish]
    return [*words, (verb.spanish_past if tense == PAST else verb.spanish_present)[person]]


def _french(verb, subject, tense, negated, adverb):
    person = subject.person
    rest = []
    if tense == FUTURE:
        finite, rest = GO.french_present[person], [verb.french]
    elif tense == PRESENT:
        finite = verb.french_present[person]
    elif verb in TO_BE:
        finite = IMPERFECT[person]
    else:
        auxiliary = SER if verb.with_etre else HAVE
        finite, rest = auxiliary.french_present[person], [_agreeing(verb, subject)]
    return [*(["ne", finite, "pas"] if negated else [finite]), *adverb, *rest]


def _agreeing(verb, subject):
    """The participle, which agrees with the subject after être."""
    if not verb.with_etre:
        return verb.participle
    participle = verb.participle + "e" * (subject.gender("french") == "f")
    return participle + "s" * (subject.plural and not participle.endswith("s"))
