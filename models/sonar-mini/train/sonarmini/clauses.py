"""Random clauses: each is one meaning as (English, Spanish, French) lists of words."""

import random

from sonarmini.function_words import (
    DEGREES, FREQUENCIES, FUTURE_TIMES, MANNERS, NAMES, NUMBERS, OTHER_PREPOSITIONS, PAST_TIMES, PLACE_PREPOSITIONS,
    POSSESSIVES, PRESENT_TIMES, PRONOUNS)
from sonarmini.lexicon import (
    ANIMATE, BODY_ADJECTIVES, BY_TAG, CAN, COUNTABLE, ESTAR, GIVE, GO, INTRANSITIVE, KNOW, NOUNS, SAY, SER, THINK, TRANSITIVE, WANT,
    fitting_adjectives)
from sonarmini.noun_phrase import NounPhrase, english_after, french_after, spanish_after
from sonarmini.verb_group import FUTURE, PAST, PRESENT, verb_group

TIMES = {PRESENT: PRESENT_TIMES, PAST: PAST_TIMES, FUTURE: FUTURE_TIMES}
INSIDE, EVERYWHERE = PLACE_PREPOSITIONS[:4], PLACE_PREPOSITIONS


def join(*parts):
    """One clause of several parts; a missing part is None."""
    out = ([], [], [])
    for part in parts:
        for words, more in zip(out, part or ()):
            words.extend(more)
    return out


def said(phrase):
    return phrase.english(), phrase.spanish(), phrase.french()


def fixed(words):
    """A set phrase, or several words, in each language."""
    return tuple(text.split() for text in words)


def after(preposition, phrase):
    """`preposition`: in each language."""
    return (english_after(preposition[0], phrase), spanish_after(preposition[1], phrase),
            french_after(preposition[2], phrase))


def as_object(verb, phrase, negated=False):
    """With Spanish's a before people."""
    personal = phrase.human and verb.spanish != "tener"
    return (phrase.english(), spanish_after("a", phrase) if personal else phrase.spanish(), phrase.french(negated))


class Clauses:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, share):
        return self.random.random() < share

    # noun phrases ---------------------------------------------------------------------------------

    def phrase(self, pool, pronoun=0.0, name=0.0, adjective=0.3, owner=0.06, joined=0.05, indefinite=0.3):
        """A phrase about a noun of the pool, or a pronoun or a name; the numbers are probabilities."""
        choose, share = self.random.choice, self.random.random()
        if share < pronoun:
            return NounPhrase(pronoun=choose(PRONOUNS))
        if share < pronoun + name:
            return NounPhrase(name=choose(NAMES))
        noun = choose(pool)
        phrase = NounPhrase(noun=noun, is_plural=not noun.mass and self.chance(0.22))
        self._determine(phrase, indefinite)
        if self.chance(adjective):
            phrase.adjective = choose(fitting_adjectives(noun))
            phrase.very = self.chance(0.06)
        if phrase.determiner == "the" and self.chance(owner) and not noun.mass:
            phrase.owner = self._owner()
        elif self.chance(joined):
            phrase.other = self.phrase(pool, name=name, adjective=adjective * 0.5, owner=0, joined=0, indefinite=indefinite)
        return phrase

    def _determine(self, phrase, indefinite):
        share = self.random.random()
        if phrase.noun.mass:
            phrase.determiner = "a" if share < 0.5 else "the" if share < 0.85 else "possessive"
        elif share < indefinite:
            phrase.determiner = "a"
        elif share < 0.72:
            phrase.determiner = "the"
        elif share < 0.85:
            phrase.determiner = "possessive"
        elif share < 0.93:
            phrase.determiner = self.random.choice(("this", "this", "that"))
        else:
            phrase.determiner = "number" if share < 0.97 else "many" if share < 0.985 else "every"
            phrase.is_plural = phrase.determiner != "every"
        if phrase.determiner in ("possessive", "number"):
            phrase.which = self.random.randrange(len(POSSESSIVES if phrase.determiner == "possessive" else NUMBERS))

    def _owner(self):
        owner = self.phrase(BY_TAG["P"], name=0.3, adjective=0.15, owner=0, joined=0, indefinite=0.1)
        if owner.determiner in ("number", "many", "every"):
            owner.determiner, owner.is_plural = "the", False
        return owner

    def subject(self, **odds):
        pool = ANIMATE if self.chance(0.88) else COUNTABLE
        return self.phrase(pool, pronoun=0.28, name=0.06, **odds)

    def object_of(self, verb):
        pool = NOUNS if self.chance(0.2) else BY_TAG[self.random.choice(verb.objects)]
        return self.phrase(pool, name=0.04 if "P" in verb.objects else 0.0)

    # adverbials -----------------------------------------------------------------------------------

    def tense(self):
        share = self.random.random()
        return PRESENT if share < 0.5 else PAST if share < 0.85 else FUTURE

    def place(self):
        if self.chance(0.72):
            preposition = self.random.choice(INSIDE)
            return after(preposition, self.phrase(BY_TAG["L"], adjective=0.2, joined=0, owner=0.05, indefinite=0.12))
        preposition = self.random.choice(EVERYWHERE)
        things = BY_TAG["O"] + BY_TAG["N"] + BY_TAG["V"]
        return after(preposition, self.phrase(things, adjective=0.2, joined=0, owner=0.05, indefinite=0.2))

    def company(self):
        preposition = self.random.choice(OTHER_PREPOSITIONS)
        pool = BY_TAG["P"] + BY_TAG["O"] + BY_TAG["A"]
        return after(preposition, self.phrase(pool, pronoun=0.2, name=0.08, adjective=0.2, joined=0.03, owner=0.03))

    def time(self, tense):
        return fixed(self.random.choice(TIMES[tense]))

    def adverbials(self, tense, scale=1.0):
        """None, one or two of: place, company or manner; then time."""
        parts = []
        if self.chance(0.33 * scale):
            share = self.random.random()
            parts.append(self.place() if share < 0.5 else self.company() if share < 0.72 else
                         fixed(self.random.choice(MANNERS)))
        if self.chance(0.2 * scale):
            parts.append(self.time(tense))
        return parts

    def _adverb(self, odds, negated, tense):
        """Often, always ... where it can stand. The draw is made in any case."""
        return self.random.choice(FREQUENCIES) if self.chance(odds) and not negated and tense != FUTURE else None

    # clauses --------------------------------------------------------------------------------------

    def intransitive(self, scale=1.0, tense=None):
        subject, verb = self.subject(), self.random.choice(INTRANSITIVE)
        tense = tense or self.tense()
        negated = self.chance(0.12)
        adverb = self._adverb(0.07, negated, tense)
        extra = self.adverbials(tense, 1.6 * scale)
        if verb is GO:
            goal = self.phrase(BY_TAG["L"], adjective=0.2, joined=0, owner=0.05, indefinite=0.12)
            extra = [after(("to", "a", "à"), goal), *extra[-1:]]
        return join(said(subject), verb_group(verb, subject, tense, negated, adverb), *extra)

    def transitive(self, scale=1.0, tense=None):
        subject, verb = self.subject(), self.random.choice(TRANSITIVE)
        tense = tense or self.tense()
        negated = self.chance(0.12)
        adverb = self._adverb(0.05, negated, tense)
        if self.chance(0.06) and tense != FUTURE and verb.spanish != "mostrar":
            pronoun = self.random.choice(PRONOUNS)
            if pronoun.person != subject.person or subject.person in (2, 5):
                group = self._with_object_pronoun(verb_group(verb, subject, tense, negated), pronoun, tense, negated)
                return join(said(subject), group, *self.adverbials(tense, 0.7 * scale))
        thing = self.object_of(verb)
        return join(said(subject), verb_group(verb, subject, tense, negated, adverb), as_object(verb, thing, negated),
                    *self.adverbials(tense, 0.8 * scale))

    @staticmethod
    def _with_object_pronoun(group, pronoun, tense, negated):
        """After the verb in English, before it in Spanish and French, where a participle agrees with it."""
        first, second, third = group
        if tense == PAST:
            *before, participle = third
            participle += "e" * (pronoun.english == "she")
            participle += "s" * (pronoun.plural and not participle.endswith("s"))
            third = [*before, participle]
        return ([*first, pronoun.english_object],
                [*second[:negated], pronoun.spanish_object, *second[negated:]],
                [*third[:negated], pronoun.french_object, *third[negated:]])

    def copular(self, scale=1.0):
        """Somebody is tired, somewhere, or somebody else."""
        tense = PRESENT if self.chance(0.7) else PAST
        negated = self.chance(0.12)
        subject = self.subject() if self.chance(0.6) else self.phrase(NOUNS, adjective=0.12)
        share = self.random.random()
        if share < 0.62:
            return self._described(subject, tense, negated, scale)
        if share < 0.85:
            return join(said(subject), verb_group(ESTAR, subject, tense, negated), self.place(),
                        self.time(tense) if self.chance(0.12 * scale) else None)
        return self._identified(subject, tense, negated)

    def _described(self, subject, tense, negated, scale):
        adjective = self.random.choice(fitting_adjectives(subject.noun) if subject.noun else BODY_ADJECTIVES)
        degree = fixed(self.random.choice(DEGREES)) if self.chance(0.25) else None
        verb = ESTAR if adjective.with_estar else SER
        time = self.time(tense) if self.chance(0.12 * scale) else None
        predicate = ([adjective.english], [adjective.spanish[subject.adjective_form("spanish")]],
                     [adjective.french[subject.adjective_form("french")]])
        return join(said(subject), verb_group(verb, subject, tense, negated), degree, predicate, time)

    def _identified(self, subject, tense, negated):
        if subject.plural or not (subject.pronoun or subject.name or subject.noun.animate):
            subject = self.phrase(BY_TAG["P"], name=0.25, adjective=0.2, joined=0, owner=0.08)
            if subject.is_plural:
                subject.is_plural = False
                if subject.determiner in ("number", "many"):
                    subject.determiner = "the"
        what = self.phrase(BY_TAG["P"], adjective=0.4, joined=0, owner=0, indefinite=1.0)
        what.is_plural = what.very = False
        if self.chance(0.3):
            what.determiner, what.which = "possessive", self.random.randrange(len(POSSESSIVES))
        first, second, third = said(what)
        if what.determiner == "a" and not what.adjective:
            second, third = second[1:], third[1:]
        return join(said(subject), verb_group(SER, subject, tense, negated), (first, second, third))

    def giving(self):
        subject, tense = self.subject(), self.tense()
        negated = self.chance(0.1)
        gift = self.phrase(BY_TAG["O"] + BY_TAG["F"] + BY_TAG["C"], adjective=0.25, owner=0, joined=0.02)
        to = self.phrase(BY_TAG["P"] + BY_TAG["A"], name=0.15, adjective=0.2, owner=0.04, joined=0)
        return join(said(subject), verb_group(GIVE, subject, tense, negated),
                    (gift.english(), gift.spanish(), gift.french(negated)), after(("to", "a", "à"), to))

    def modal(self, scale=1.0):
        """Somebody can or wants to."""
        subject = self.subject()
        verb = CAN if self.chance(0.5) else WANT
        tense = PRESENT if self.chance(0.8) else PAST
        negated = self.chance(0.2)
        if self.chance(0.45):
            action = self.random.choice([each for each in INTRANSITIVE if each is not GO])
            tail = self.adverbials(tense, scale)
        else:
            action = self.random.choice(TRANSITIVE)
            tail = [as_object(action, self.object_of(action)), *self.adverbials(tense, 0.4 * scale)]
        infinitive = ([action.english], [action.spanish], [action.french])
        to = (["to"], [], []) if verb is WANT else None
        return join(said(subject), verb_group(verb, subject, tense, negated), to, infinitive, *tail)

    def liking(self, scale=1.0):
        """English like, Spanish gustar, French aimer."""
        subject = self.subject()
        thing = self.phrase(NOUNS, adjective=0.2, owner=0.04, joined=0, indefinite=0.0)
        if thing.noun.mass and thing.determiner == "a":
            thing.determiner = "the"
        negated, person = self.chance(0.15), subject.person
        third = person == 2
        likes = ["does" if third else "do", "not", "like"] if negated else ["likes" if third else "like"]
        whom = [] if person in (0, 1, 3) else spanish_after("a", subject)
        gusta = ["me te le nos os les".split()[person], "gustan" if thing.plural else "gusta"]
        aime = "aime aimes aime aimons aimez aiment".split()[person]
        return join((subject.english() + likes + thing.english(),
                     whom + ["no"] * negated + gusta + thing.spanish(),
                     subject.french() + (["ne", aime, "pas"] if negated else [aime]) + thing.french()),
                    self.time(PRESENT) if self.chance(0.08 * scale) else None)

    def existing(self):
        thing = self.phrase(COUNTABLE if self.chance(0.8) else NOUNS, owner=0, indefinite=0.75)
        if thing.determiner not in ("a", "number", "many"):
            thing.determiner = "a"
        there = (["there", "are" if thing.plural else "is"], ["hay"], ["il", "y", "a"])
        return join(there, said(thing), self.place() if self.chance(0.75) else None)

    def reporting(self):
        subject = self.subject(owner=0, joined=0)
        verb = self.random.choice([SAY, SAY, THINK, KNOW])
        reported = self.simple(0.3)
        group = verb_group(verb, subject, PRESENT, self.chance(0.06))
        return join(said(subject), group, fixed(("that", "que", "que")), reported)

    def simple(self, scale=1.0):
        """A main clause; `scale` says how much is added to it."""
        share = self.random.random()
        if share < 0.27:
            return self.intransitive(scale)
        if share < 0.6:
            return self.transitive(scale)
        if share < 0.8:
            return self.copular(scale)
        if share < 0.86:
            return self.liking(scale)
        if share < 0.9:
            return self.giving()
        return self.modal(scale) if share < 0.95 else self.existing()
