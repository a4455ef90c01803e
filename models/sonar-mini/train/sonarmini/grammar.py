"""Random aligned sentences: one meaning, said in English, Spanish and French."""

from sonarmini.clauses import fixed, join, said
from sonarmini.french import elided
from sonarmini.function_words import (
    CONJUNCTIONS, EXTRA_WORDS, FREQUENCIES, FRONTED, FUTURE_TIMES, MANNERS, NAMES, NUMBERS, OTHER_PREPOSITIONS, PAST_TIMES,
    PHRASES, PLACE_PREPOSITIONS, PRESENT_TIMES)
from sonarmini.lexicon import ADJECTIVES, AUXILIARIES, NOUNS, VERBS
from sonarmini.questions import Questions

PERSONS = (0, 1, 2, 3, 5)
"""Those the grammar uses: nobody is addressed as vosotros or vous."""
TABLES = (NUMBERS, MANNERS, PRESENT_TIMES, PAST_TIMES, FUTURE_TIMES, FREQUENCIES, PLACE_PREPOSITIONS, OTHER_PREPOSITIONS,
          PHRASES)


def capitalised(text):
    return text[0].upper() + text[1:]


class Grammar(Questions):
    """The same seed gives the same sentences."""

    def triple(self):
        """(English, Spanish, French)."""
        share = self.random.random()
        question, fragment = 0.66 <= share < 0.74, share < 0.13
        if fragment:
            clause = self._fragment()
        elif share < 0.66:
            clause = self.simple()
        elif question:
            clause = self.question()
        elif share < 0.78:
            clause = self.giving()
        elif share < 0.83:
            clause = self.modal()
        elif share < 0.86:
            clause = self.reporting()
        else:
            clause = self._joined() if share < 0.95 else self._fronted()
        words = [" ".join(part).split() for part in clause]
        texts = [" ".join(words[0]), " ".join(words[1]), elided(words[2])]
        return self._styled([text.replace(" ,", ",") for text in texts], question, fragment)

    def _styled(self, texts, question, fragment):
        """With capital and full stop, or in lower case with or without one."""
        english, spanish, french = texts
        style = self.random.random()
        if style < (0.08 if fragment else 0.28):
            english, spanish, french = map(capitalised, texts)
            if question:
                return f"{english}?", f"¿{spanish}?", f"{french} ?"
            if self.chance(0.08):
                return f"{english}!", f"¡{spanish}!", f"{french} !"
            return f"{english}.", f"{spanish}.", f"{french}."
        if question and style < 0.75:
            return f"{english}?", f"¿{spanish}?", f"{french} ?"
        if style > 0.93 and not question and not fragment:
            return f"{english}.", f"{spanish}.", f"{french}."
        return english, spanish, french

    def _joined(self):
        first, second = self.simple(0.35), self.simple(0.35)
        return join(first, fixed(self.random.choice(CONJUNCTIONS)), second)

    def _fronted(self):
        if self.chance(0.5):
            tense = self.tense()
            time = self.time(tense)
            return join(time, self.intransitive(0.3, tense) if self.chance(0.4) else self.transitive(0.3, tense))
        conjunction = fixed(self.random.choice(FRONTED))
        first, second = self.simple(0.2), self.simple(0.2)
        return join(conjunction, first, ([","], [","], [","]), second)

    def _fragment(self):
        """A noun phrase, a prepositional phrase, a set phrase or a bare verb."""
        share = self.random.random()
        if share < 0.6:
            phrase = self.phrase(NOUNS, adjective=0.45, owner=0.1, joined=0.25, name=0.02)
            if self.chance(0.15):
                phrase.determiner, phrase.owner = "none", None
            return said(phrase)
        if share < 0.8:
            return self.place() if self.chance(0.6) else self.company()
        if share < 0.88:
            return fixed(self.random.choice(PHRASES))
        if share < 0.94:
            return fixed(self.random.choice(MANNERS + FREQUENCIES + PRESENT_TIMES + PAST_TIMES + FUTURE_TIMES))
        verb = self.random.choice(VERBS)
        return [verb.english], [verb.spanish], [verb.french]


def lexicon_forms():
    """Every form the grammar can say, and the extra words, sorted, per language."""
    english, spanish, french = forms = (set(), set(), set())
    for noun in NOUNS:
        for words, pair in zip(forms, (noun.english, noun.spanish, noun.french)):
            words.update(pair)
    for adjective in ADJECTIVES:
        english.add(adjective.english)
        spanish.update(adjective.spanish)
        french.update(word for form in adjective.french for word in form.split())
    for verb in (*VERBS, *AUXILIARIES):
        english.update((verb.english, verb.english_third, verb.english_past))
        spanish.update([verb.spanish, *(tense[p] for tense in (verb.spanish_present, verb.spanish_past) for p in PERSONS)])
        french.update([verb.french, verb.participle, *(verb.french_present[p] for p in PERSONS)])
    for row in [row for table in TABLES for row in table] + [name[:3] for name in NAMES]:
        for words, text in zip(forms, row):
            words.update(text.split())
    for words, language in zip(forms, EXTRA_WORDS):
        words.update(EXTRA_WORDS[language].split())
    return {language: sorted(words) for language, words in zip(EXTRA_WORDS, forms)}
