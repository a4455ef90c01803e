"""Words of closed classes and set phrases, in English, Spanish and French."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pronoun:
    """`person`: 0 to 2 singular, 3 to 5 plural. Stressed forms follow a preposition; Spanish leaves most subjects out."""

    english: str
    english_object: str
    spanish: str | None
    spanish_object: str
    spanish_stressed: str
    french: str
    french_object: str
    french_stressed: str
    person: int
    gender: str

    @property
    def plural(self):
        return self.person >= 3


PRONOUNS = [Pronoun("I", "me", None, "me", "mí", "je", "me", "moi", 0, "m"),
            Pronoun("you", "you", None, "te", "ti", "tu", "te", "toi", 1, "m"),
            Pronoun("he", "him", "él", "lo", "él", "il", "le", "lui", 2, "m"),
            Pronoun("she", "her", "ella", "la", "ella", "elle", "la", "elle", 2, "f"),
            Pronoun("we", "us", None, "nos", "nosotros", "nous", "nous", "nous", 3, "m"),
            Pronoun("they", "them", "ellos", "los", "ellos", "ils", "les", "eux", 5, "m")]
POSSESSIVES = [("my", ("mi", "mis", "mi", "mis"), ("mon", "ma", "mes")),
               ("your", ("tu", "tus", "tu", "tus"), ("ton", "ta", "tes")),
               ("his", ("su", "sus", "su", "sus"), ("son", "sa", "ses")),
               ("our", ("nuestro", "nuestros", "nuestra", "nuestras"), ("notre", "notre", "nos")),
               ("their", ("su", "sus", "su", "sus"), ("leur", "leur", "leurs"))]
"""English; Spanish masculine, its plural, feminine, its plural; French masculine, feminine, plural."""
DEGREES = [("very", "muy", "très"), ("too", "demasiado", "trop"), ("so", "tan", "si")]
CONJUNCTIONS = [("and", "y", "et"), ("but", "pero", "mais"), ("because", "porque", "parce que"), ("when", "cuando", "quand"),
                ("if", "si", "si"), ("so", "así que", "donc")]
FRONTED = [("when", "cuando", "quand"), ("if", "si", "si")]
QUESTION_WORDS = [("why", "por qué", "pourquoi est-ce que"), ("when", "cuándo", "quand est-ce que"),
                  ("how", "cómo", "comment est-ce que")]
NUMBERS = [("two", "dos", "deux"), ("three", "tres", "trois"), ("four", "cuatro", "quatre"),
           ("five", "cinco", "cinq"), ("six", "seis", "six"), ("seven", "siete", "sept"),
           ("eight", "ocho", "huit"), ("nine", "nueve", "neuf"), ("ten", "diez", "dix")]
MANNERS = [("slowly", "lentamente", "lentement"), ("quickly", "rápidamente", "rapidement"), ("well", "bien", "bien"),
           ("badly", "mal", "mal"), ("quietly", "silenciosamente", "doucement"), ("together", "juntos", "ensemble"),
           ("here", "aquí", "ici"), ("there", "allí", "là"), ("a lot", "mucho", "beaucoup"),
           ("again", "otra vez", "encore"), ("too", "también", "aussi"), ("outside", "fuera", "dehors"),
           ("easily", "fácilmente", "facilement"), ("far", "lejos", "loin")]
PRESENT_TIMES = [("today", "hoy", "aujourd'hui"), ("now", "ahora", "maintenant"), ("every day", "cada día", "chaque jour"),
                 ("in the morning", "por la mañana", "le matin"), ("at night", "por la noche", "la nuit"),
                 ("in the evening", "por la tarde", "le soir"), ("every night", "cada noche", "chaque nuit"),
                 ("on Monday", "el lunes", "le lundi"), ("on Sunday", "el domingo", "le dimanche"),
                 ("in winter", "en invierno", "en hiver"), ("in summer", "en verano", "en été")]
PAST_TIMES = [("yesterday", "ayer", "hier"), ("today", "hoy", "aujourd'hui"), ("last night", "anoche", "la nuit dernière"),
              ("last week", "la semana pasada", "la semaine dernière"), ("last year", "el año pasado", "l'année dernière"),
              ("this morning", "esta mañana", "ce matin")]
FUTURE_TIMES = [("tomorrow", "mañana", "demain"), ("soon", "pronto", "bientôt"), ("tonight", "esta noche", "ce soir"),
                ("next week", "la próxima semana", "la semaine prochaine"), ("later", "más tarde", "plus tard")]
FREQUENCIES = [("always", "siempre", "toujours"), ("often", "a menudo", "souvent"), ("also", "también", "aussi"),
               ("already", "ya", "déjà")]
PLACE_PREPOSITIONS = [("in", "en", "dans"), ("near", "cerca de", "près de"), ("behind", "detrás de", "derrière"),
                      ("in front of", "delante de", "devant"), ("on", "sobre", "sur"), ("under", "debajo de", "sous")]
OTHER_PREPOSITIONS = [("with", "con", "avec"), ("without", "sin", "sans"), ("for", "para", "pour")]
NAMES = [("Peter", "Pedro", "Pierre", "m"), ("Mary", "María", "Marie", "f"), ("John", "Juan", "Jean", "m"),
         ("Anna", "Ana", "Anne", "f"), ("Paul", "Pablo", "Paul", "m"), ("Lucy", "Lucía", "Lucie", "f"),
         ("Martin", "Martín", "Martin", "m"), ("Laura", "Laura", "Laure", "f")]
PHRASES = [("hello", "hola", "bonjour"), ("good night", "buenas noches", "bonne nuit"), ("thank you", "gracias", "merci"),
           ("please", "por favor", "s'il vous plaît"), ("yes", "sí", "oui"), ("no", "no", "non"),
           ("goodbye", "adiós", "au revoir"), ("good morning", "buenos días", "bonjour"),
           ("I do not know", "no sé", "je ne sais pas"), ("very good", "muy bien", "très bien"),
           ("of course", "por supuesto", "bien sûr"), ("see you tomorrow", "hasta mañana", "à demain")]
EXTRA_WORDS = {
    "english": (
        "a b c d e f g h i j k l m n o p q r s t u v w x y z _ the an and or not is are was were very so if then than "
        "one first last all some any this that these those what who where when why how more less less than me him her "
        "it us them my your his our their to of in on at by as up down out off over into from biting eating running "
        "sleeping speaking reading playing singing seeing 1 2 3 4 5 6 7 8 9 0 10"),
    "spanish": (
        "y o u no es está son están era fue muy así si uno una unos unas que quién dónde cuándo cómo porque más menos "
        "lo la los las le les me te nos se mi tu su al del hay"),
    "french": (
        "et ou ne pas est sont était très si un une des du que qui où quand comment parce plus moins le la les lui "
        "leur me te se mon ton son ma ta sa au aux il y a"),
}
"""Words that only word lists use, so that the tokenizer knows them."""
