"""The words the grammar is made of, with all their forms, read from `lexicon/*.txt`."""

import pathlib
from collections import defaultdict

from sonarmini import english, french, spanish

FOLDER = pathlib.Path(__file__).parents[1] / "lexicon"
FEMININE, PLURAL = 1, 2
"""What is added to find a form of an adjective: 0 is masculine singular."""

STRESSED_A = ("agua", "águila")
"""Feminine Spanish nouns whose article is el."""


class Noun:
    def __init__(self, line):
        first, second, third, self.tags = line.split("|")
        self.english = self._numbers(first, english.plural)
        word, rest = second.split(":")
        self.spanish_gender, *irregular = rest.split("/")
        self.spanish = self._numbers("/".join([word, *irregular]), spanish.plural)
        word, rest = third.split(":")
        self.french_gender, *irregular = rest.split("/")
        self.french = self._numbers("/".join([word, *irregular]), french.plural)
        self.mass = "M" in self.tags or "D" in self.tags
        self.human = "P" in self.tags
        self.animate = self.human or "A" in self.tags
        self.spanish_el = self.spanish[0] in STRESSED_A

    @staticmethod
    def _numbers(given, plural):
        singular, *irregular = given.split("/")
        return singular, irregular[0] if irregular else plural(singular)


class Adjective:
    def __init__(self, line):
        self.english, second, third, self.tags = line.split("|")
        self.with_estar = second.endswith("*")
        self.spanish = spanish.adjective(second.rstrip("*"))
        self.before_noun = third.endswith("<")
        self.french = french.adjective(third.rstrip("< "))


class Verb:
    def __init__(self, line):
        first, second, third, self.objects = line.split("|")
        forms = first.split("/")
        self.english = forms[0]
        self.english_third = forms[1] if len(forms) == 3 else english.third_person(forms[0])
        self.english_past = forms[-1] if len(forms) > 1 else english.past(forms[0])
        self.spanish, _, change = second.partition(":")
        self.spanish_present, self.spanish_past = spanish.present(self.spanish, change), spanish.past(self.spanish)
        self.with_etre = third.endswith("*")
        self.french = third.rstrip("*")
        self.french_present, self.participle = french.conjugated(self.french)
        self.transitive = self.objects != "-"


def read(name, kind):
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [kind(line) for line in lines if line and not line.startswith("#")]


NOUNS = read("nouns", Noun)
ADJECTIVES = read("adjectives", Adjective)
VERBS = read("verbs", Verb)

BY_TAG = defaultdict(list)
for noun in NOUNS:
    for tag in noun.tags:
        BY_TAG[tag].append(noun)
ANIMATE = BY_TAG["A"] + BY_TAG["P"]
COUNTABLE = [noun for noun in NOUNS if not noun.mass]
TRANSITIVE = [verb for verb in VERBS if verb.transitive]
INTRANSITIVE = [verb for verb in VERBS if not verb.transitive]
BODY_ADJECTIVES = [a for a in ADJECTIVES if set(a.tags) & set("ga")]
FOOD_ADJECTIVES = [a for a in ADJECTIVES if set(a.tags) & set("gf")]
THING_ADJECTIVES = [a for a in ADJECTIVES if set(a.tags) & set("gsofct")]

SER, ESTAR = Verb("be/is/was|ser|être|-"), Verb("be/is/was|estar|être|-")
GIVE, SAY = Verb("give/gave|dar|donner|-"), Verb("say/said|decir|dire|-")
CAN, KNOW = Verb("can/can/could|poder|pouvoir|-"), Verb("know/knew|saber|savoir|-")
WANT, GO, THINK = (next(v for v in VERBS if v.english == word) for word in ("want", "go", "think"))
AUXILIARIES = (SER, ESTAR, GIVE, SAY, CAN, KNOW)


def fitting_adjectives(noun):
    if noun.animate:
        return BODY_ADJECTIVES
    return FOOD_ADJECTIVES if set(noun.tags) & set("FMD") else THING_ADJECTIVES
