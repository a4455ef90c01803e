"""Random questions, without the question mark."""

from sonarmini.clauses import Clauses, as_object, join, said
from sonarmini.function_words import PRONOUNS, QUESTION_WORDS
from sonarmini.lexicon import ESTAR, INTRANSITIVE, NOUNS, TRANSITIVE
from sonarmini.noun_phrase import NounPhrase
from sonarmini.verb_group import PAST, PRESENT, verb_group

HE = NounPhrase(pronoun=PRONOUNS[2])


class Questions(Clauses):
    def question(self):
        share = self.random.random()
        if share < 0.4:
            return self._whether()
        if share < 0.55:
            return self._where()
        if share < 0.7:
            return self._who()
        return self._what() if share < 0.85 else self._why()

    def _tense(self):
        return PRESENT if self.chance(0.6) else PAST

    @staticmethod
    def _asked(subject, verb, tense, verb_first=False):
        """English do, subject and verb; Spanish subject and verb, or the other way round; French both after `que`."""
        _, spanish, french = verb_group(verb, subject, tense)
        do = "did" if tense == PAST else "does" if subject.person == 2 else "do"
        spanish = spanish + subject.spanish() if verb_first else subject.spanish() + spanish
        return [do, *subject.english(), verb.english], spanish, subject.french() + french

    def _whether(self):
        subject = self.subject()
        verb = self.random.choice(TRANSITIVE if self.chance(0.6) else INTRANSITIVE)
        tense = self._tense()
        english, spanish, french = self._asked(subject, verb, tense)
        tail = [as_object(verb, self.object_of(verb))] if verb.transitive else self.adverbials(tense, 0.8)
        return join((english, spanish, ["est-ce", "que", *french]), *tail)

    def _where(self):
        subject = self.phrase(NOUNS, adjective=0.2, pronoun=0.1, name=0.08)
        english, spanish, french = verb_group(ESTAR, subject, PRESENT)
        inverted = [f"{french[0]}-{subject.pronoun.french}"] if subject.pronoun else french + subject.french()
        return ["where", *english, *subject.english()], ["dónde", *spanish, *subject.spanish()], ["où", *inverted]

    def _who(self):
        verb, tense = self.random.choice(TRANSITIVE), self._tense()
        thing = self.object_of(verb)
        english, spanish, french = verb_group(verb, HE, tense)
        return join((["who", *english], ["quién", *spanish], ["qui", *french]), as_object(verb, thing))

    def _what(self):
        subject, verb = self.subject(), self.random.choice(TRANSITIVE)
        english, spanish, french = self._asked(subject, verb, self._tense(), verb_first=True)
        return ["what", *english], ["qué", *spanish], ["qu'est-ce", "que", *french]

    def _why(self):
        words = self.random.choice(QUESTION_WORDS)
        subject, verb = self.subject(), self.random.choice(INTRANSITIVE)
        english, spanish, french = self._asked(subject, verb, self._tense())
        return [words[0], *english], words[1].split() + spanish, words[2].split() + french
