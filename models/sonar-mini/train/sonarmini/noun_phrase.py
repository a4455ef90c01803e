"""A noun phrase, a name or a pronoun: one meaning, said in English, Spanish and French."""

import re
from dataclasses import dataclass
from typing import Any

from sonarmini import english
from sonarmini.french import starts_with_vowel
from sonarmini.function_words import NUMBERS, POSSESSIVES, Pronoun
from sonarmini.lexicon import FEMININE, PLURAL, Adjective, Noun

SHORT_BEFORE_VOWEL = {"beau": "bel", "nouveau": "nouvel", "vieux": "vieil"}


@dataclass(slots=True)
class NounPhrase:
    """Exactly one of noun, name and pronoun is set."""

    noun: Noun | None = None
    name: tuple[str, str, str, str] | None = None
    pronoun: Pronoun | None = None
    determiner: str = "the"
    which: int = 0
    """Which possessive or number the determiner is."""
    is_plural: bool = False
    adjective: Adjective | None = None
    very: bool = False
    owner: Any = None
    """Another noun phrase: the one's whose it is."""
    other: Any = None
    """Another noun phrase, joined by `and`."""

    @property
    def person(self):
        if self.pronoun:
            return self.pronoun.person
        return 5 if self.plural else 2

    @property
    def plural(self):
        if self.other:
            return True
        return self.pronoun.plural if self.pronoun else self.is_plural

    @property
    def human(self):
        return bool(self.name or (self.noun and self.noun.human))

    def gender(self, language):
        """`m` or `f`, in "spanish" or "french"."""
        if self.pronoun:
            return self.pronoun.gender
        gender = self.name[3] if self.name else getattr(self.noun, f"{language}_gender")
        if self.other and (gender != "f" or self.other.gender(language) != "f"):
            return "m"
        return gender

    def adjective_form(self, language):
        return FEMININE * (self.gender(language) == "f") + PLURAL * self.plural

    # English --------------------------------------------------------------------------------------

    def english(self):
        if self.pronoun:
            return [self.pronoun.english]
        words = [self.name[0]] if self.name else self._english_noun()
        return [*words, "and", *self.other.english()] if self.other else words

    def _english_noun(self):
        noun = self.noun.english[self.is_plural]
        described = [*["very"] * (self.very and bool(self.adjective)), *([self.adjective.english] if self.adjective else []),
                     noun]
        if self.owner:
            *before, last = self.owner.english()
            return [*before, last + ("'" if last.endswith("s") else "'s"), *described]
        return [*self._english_determiner(described[0]), *described]

    def _english_determiner(self, following):
        if self.determiner == "a":
            return [] if self.noun.mass else ["some"] if self.is_plural else [english.article(following)]
        words = {"the": "the", "this": "these" if self.is_plural else "this",
                 "that": "those" if self.is_plural else "that", "many": "many", "every": "every"}
        if self.determiner == "possessive":
            return [POSSESSIVES[self.which][0]]
        if self.determiner == "number":
            return [NUMBERS[self.which][0]]
        return [words[self.determiner]] if self.determiner in words else []

    # Spanish --------------------------------------------------------------------------------------

    def spanish(self):
        if self.pronoun:
            return [self.pronoun.spanish] if self.pronoun.spanish else []
        words = [self.name[1]] if self.name else self._spanish_noun()
        if not self.other:
            return words
        second = self.other.spanish()
        return [*words, "e" if second and re.match("h?[ií]", second[0]) else "y", *second]

    def _spanish_noun(self):
        feminine = self.noun.spanish_gender == "f"
        words = [*self._spanish_determiner(feminine), self.noun.spanish[self.is_plural]]
        if self.adjective:
            words += [*["muy"] * self.very, self.adjective.spanish[FEMININE * feminine + PLURAL * self.is_plural]]
        return words + spanish_after("de", self.owner) if self.owner else words

    def _spanish_determiner(self, feminine):
        form = FEMININE * (feminine and not (self.noun.spanish_el and not self.is_plural)) + PLURAL * self.is_plural
        agreeing = FEMININE * feminine + PLURAL * self.is_plural
        if self.determiner == "the":
            return [("el", "la", "los", "las")[form]]
        if self.determiner == "a":
            return [] if self.noun.mass else [("un", "una", "unos", "unas")[form]]
        if self.determiner == "possessive":
            return [POSSESSIVES[self.which][1][self.is_plural + 2 * feminine]]
        if self.determiner == "this":
            return [("este", "esta", "estos", "estas")[agreeing]]
        if self.determiner == "that":
            return [("ese", "esa", "esos", "esas")[agreeing]]
        if self.determiner == "number":
            return [NUMBERS[self.which][1]]
        if self.determiner == "many":
            return ["muchas" if feminine else "muchos"]
        return ["cada"] if self.determiner == "every" else []

    # French ---------------------------------------------------------------------------------------

    def french(self, negated=False):
        """After a negated verb an indefinite article is `de`."""
        if self.pronoun:
            return [self.pronoun.french]
        words = [self.name[2]] if self.name else self._french_noun(negated)
        return [*words, "et", *self.other.french()] if self.other else words

    def _french_noun(self, negated):
        feminine, noun = self.noun.french_gender == "f", self.noun.french[self.is_plural]
        before, after = self._french_adjective(feminine, noun)
        determiner = self._french_determiner(feminine, [*before, noun][0], bool(before), negated)
        if self.determiner == "that":
            noun += "-là"
        words = [*determiner, *before, noun, *after]
        return words + french_after("de", self.owner) if self.owner else words

    def _french_adjective(self, feminine, noun):
        if not self.adjective:
            return [], []
        form = self.adjective.french[FEMININE * feminine + PLURAL * self.is_plural]
        if self.very:
            return [], ["très", form]
        if not self.adjective.before_noun:
            return [], [form]
        short = not feminine and not self.is_plural and starts_with_vowel(noun)
        return [SHORT_BEFORE_VOWEL.get(form, form) if short else form], []

    def _french_determiner(self, feminine, following, adjective_first, negated):
        vowel = starts_with_vowel(following)
        if self.determiner == "the":
            return ["les" if self.is_plural else "la" if feminine else "le"]
        if self.determiner == "a":
            return self._french_indefinite(feminine, vowel, adjective_first, negated)
        if self.determiner == "possessive":
            forms = POSSESSIVES[self.which][2]
            return [forms[2] if self.is_plural else forms[1] if feminine and not vowel else forms[0]]
        if self.determiner in ("this", "that"):
            return ["ces" if self.is_plural else "cette" if feminine else "cet" if vowel else "ce"]
        if self.determiner == "number":
            return [NUMBERS[self.which][2]]
        if self.determiner == "many":
            return ["beaucoup", "de"]
        return ["chaque"] if self.determiner == "every" else []

    def _french_indefinite(self, feminine, vowel, adjective_first, negated):
        if negated:
            return ["de"]
        if self.noun.mass:
            return ["de", "la" if feminine else "le"] if vowel or feminine else ["du"]
        if self.is_plural:
            return ["de" if adjective_first else "des"]
        return ["une" if feminine else "un"]


# after a preposition ------------------------------------------------------------------------------


def english_after(preposition, phrase):
    words = [phrase.pronoun.english_object] if phrase.pronoun else phrase.english()
    return [*preposition.split(), *words]


def spanish_after(preposition, phrase):
    """With al and del, conmigo and contigo."""
    words, before = phrase.spanish(), preposition.split()
    if phrase.pronoun:
        words = [phrase.pronoun.spanish_stressed]
        if before == ["con"] and phrase.person in (0, 1):
            return ["conmigo" if phrase.person == 0 else "contigo"]
    if words[0] == "el" and before[-1] in ("a", "de") and phrase.noun:
        return [*before[:-1], "al" if before[-1] == "a" else "del", *words[1:]]
    return [*before, *words]


def french_after(preposition, phrase):
    """With du, des, au, aux, and no partitive after de."""
    before = preposition.split()
    if phrase.pronoun:
        return [*before, phrase.pronoun.french_stressed]
    words = phrase.french()
    if not phrase.noun:
        return [*before, *words]
    if phrase.determiner == "a" and before[-1] == "de" and words[0] in ("des", "du", "de"):
        return [*before, *(words[2:] if words[0] == "de" and phrase.noun.mass else words[1:])]
    if phrase.determiner == "the" and len(words) > 1:
        joined = {}
        if words[0] == "le" and not starts_with_vowel(words[1]):
            joined = {"de": "du", "à": "au"}
        elif words[0] == "les":
            joined = {"de": "des", "à": "aux"}
        if before[-1] in joined:
            return [*before[:-1], joined[before[-1]], *words[1:]]
    return [*before, *words]
