"""Spanish inflection: plurals, adjectives and the present and preterite, with the irregular verbs of the lexicon."""

import unicodedata

PRESENT = {
    "ver": "veo ves ve vemos veis ven", "tener": "tengo tienes tiene tenemos tenéis tienen",
    "oír": "oigo oyes oye oímos oís oyen", "traer": "traigo traes trae traemos traéis traen",
    "conocer": "conozco conoces conoce conocemos conocéis conocen",
    "conducir": "conduzco conduces conduce conducimos conducís conducen",
    "construir": "construyo construyes construye construimos construís construyen",
    "reír": "río ríes ríe reímos reís ríen", "sonreír": "sonrío sonríes sonríe sonreímos sonreís sonríen",
    "caer": "caigo caes cae caemos caéis caen", "venir": "vengo vienes viene venimos venís vienen",
    "salir": "salgo sales sale salimos salís salen", "ir": "voy vas va vamos vais van",
    "ser": "soy eres es somos sois son", "estar": "estoy estás está estamos estáis están",
    "dar": "doy das da damos dais dan", "decir": "digo dices dice decimos decís dicen",
    "poder": "puedo puedes puede podemos podéis pueden", "seguir": "sigo sigues sigue seguimos seguís siguen",
    "perseguir": "persigo persigues persigue perseguimos perseguís persiguen",
    "saber": "sé sabes sabe sabemos sabéis saben",
}
PAST = {
    "ver": "vi viste vio vimos visteis vieron", "tener": "tuve tuviste tuvo tuvimos tuvisteis tuvieron",
    "querer": "quise quisiste quiso quisimos quisisteis quisieron",
    "oír": "oí oíste oyó oímos oísteis oyeron", "traer": "traje trajiste trajo trajimos trajisteis trajeron",
    "conducir": "conduje condujiste condujo condujimos condujisteis condujeron",
    "construir": "construí construiste construyó construimos construisteis construyeron",
    "reír": "reí reíste rió reímos reísteis rieron", "sonreír": "sonreí sonreíste sonrió sonreímos sonreísteis sonrieron",
    "caer": "caí caíste cayó caímos caísteis cayeron", "leer": "leí leíste leyó leímos leísteis leyeron",
    "venir": "vine viniste vino vinimos vinisteis vinieron", "ir": "fui fuiste fue fuimos fuisteis fueron",
    "ser": "fui fuiste fue fuimos fuisteis fueron",
    "estar": "estaba estabas estaba estábamos estabais estaban",
    "dar": "di diste dio dimos disteis dieron", "decir": "dije dijiste dijo dijimos dijisteis dijeron",
    "poder": "pude pudiste pudo pudimos pudisteis pudieron",
    "seguir": "seguí seguiste siguió seguimos seguisteis siguieron",
    "perseguir": "perseguí perseguiste persiguió perseguimos perseguisteis persiguieron",
    "vestir": "vestí vestiste vistió vestimos vestisteis vistieron",
    "dormir": "dormí dormiste durmió dormimos dormisteis durmieron",
    "saber": "supe supiste supo supimos supisteis supieron",
}
"""Irregular verbs, in the order of the six persons; `estar` has its imperfect, which is what is meant."""
PRESENT_ENDINGS = {"ar": "o as a amos áis an", "er": "o es e emos éis en", "ir": "o es e imos ís en"}
PAST_ENDINGS = {"ar": "é aste ó amos asteis aron", "er": "í iste ió imos isteis ieron", "ir": "í iste ió imos isteis ieron"}
SPELLINGS = (("c", "qu"), ("g", "gu"), ("z", "c"))
"""How a stem in -ar ends before the first person's é."""
CHANGING_VOWEL = {"ie": "e", "ue": "o", "i": "e"}
STRESSED_STEM = (0, 1, 2, 5)
"""The persons whose stem vowel changes."""
INVARIABLE = {"paraguas"}


def without_accents(text):
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def plural(word):
    if word in INVARIABLE:
        return word
    if word[-1] in "aeioué":
        return word + "s"
    if word[-1] == "z":
        return word[:-1] + "ces"
    if word[-2] in "áéíóú" and word[-1] in "ns":
        return word[:-2] + without_accents(word[-2]) + word[-1] + "es"
    if word == "joven":
        return "jóvenes"
    return word + "es"


def adjective(masculine):
    """Masculine and feminine, then their plurals."""
    feminine = masculine[:-1] + "a" if masculine.endswith("o") else masculine
    return masculine, feminine, plural(masculine), plural(feminine)


def present(infinitive, change):
    """Six persons; `change` is what the stressed stem vowel becomes, or nothing."""
    if infinitive in PRESENT:
        return PRESENT[infinitive].split()
    stem, kind = _parts(infinitive)
    stressed = _changed(stem, "u" if infinitive == "jugar" else CHANGING_VOWEL[change], change) if change else stem
    return [(stressed if person in STRESSED_STEM else stem) + ending
            for person, ending in enumerate(PRESENT_ENDINGS[kind].split())]


def past(infinitive):
    if infinitive in PAST:
        return PAST[infinitive].split()
    stem, kind = _parts(infinitive)
    forms = [stem + ending for ending in PAST_ENDINGS[kind].split()]
    if kind == "ar":
        for last, spelled in SPELLINGS:
            if stem.endswith(last):
                forms[0] = stem[:-1] + spelled + "é"
    return forms


def _parts(infinitive):
    stem = without_accents(infinitive[:-2]) if infinitive.endswith("ír") else infinitive[:-2]
    return stem, without_accents(infinitive[-2:])


def _changed(stem, vowel, change):
    at = stem.rfind(vowel)
    return stem[:at] + change + stem[at + 1:]
