"""A hand-written trilingual lexicon (English, Spanish, French) with inflection.

Nouns:      english[/plural] | spanish:gender[/plural] | french:gender[/plural] | tags
Adjectives: english | spanish (masculine singular, '*' = uses estar) | french (m. sg.[/f. sg.]) ['<' = before the noun] | tags
Verbs:      english[/3sg][/past] | spanish infinitive[:stem change] | french infinitive[:class] | object tags
Regular forms are derived by rule; irregular forms are in the tables below.
"""
import pathlib
import unicodedata


def read(name):
    text = (pathlib.Path(__file__).parents[1] / "lexicon" / f"{name}.txt").read_text()
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


# tags: A animal, P person, F countable food, M mass food, D drink (mass), O object, R readable,
#       C clothing, V vehicle, L place, N nature, I instrument, B body part, T abstract/other
NOUNS = read("nouns")

# tags: g general, a animate only, c colour, s size/shape, f food
ADJECTIVES = read("adjectives")

# object tags: which nouns fit; '-' intransitive
VERBS = read("verbs")

ES_PRES_IRR = {
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
ES_PAST_IRR = {
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
FR_IRR = {  # present (6 forms) and past participle
    "voir": ("vois vois voit voyons voyez voient", "vu"), "boire": ("bois bois boit buvons buvez boivent", "bu"),
    "vouloir": ("veux veux veut voulons voulez veulent", "voulu"), "avoir": ("ai as a avons avez ont", "eu"),
    "être": ("suis es est sommes êtes sont", "été"), "prendre": ("prends prends prend prenons prenez prennent", "pris"),
    "apprendre": ("apprends apprends apprend apprenons apprenez apprennent", "appris"),
    "comprendre": ("comprends comprends comprend comprenons comprenez comprennent", "compris"),
    "ouvrir": ("ouvre ouvres ouvre ouvrons ouvrez ouvrent", "ouvert"),
    "lire": ("lis lis lit lisons lisez lisent", "lu"), "écrire": ("écris écris écrit écrivons écrivez écrivent", "écrit"),
    "peindre": ("peins peins peint peignons peignez peignent", "peint"),
    "nettoyer": ("nettoie nettoies nettoie nettoyons nettoyez nettoient", "nettoyé"),
    "acheter": ("achète achètes achète achetons achetez achètent", "acheté"),
    "appeler": ("appelle appelles appelle appelons appelez appellent", "appelé"),
    "suivre": ("suis suis suit suivons suivez suivent", "suivi"),
    "connaître": ("connais connais connaît connaissons connaissez connaissent", "connu"),
    "retenir": ("retiens retiens retient retenons retenez retiennent", "retenu"),
    "revêtir": ("revêts revêts revêt revêtons revêtez revêtent", "revêtu"),
    "conduire": ("conduis conduis conduit conduisons conduisez conduisent", "conduit"),
    "construire": ("construis construis construit construisons construisez construisent", "construit"),
    "courir": ("cours cours court courons courez courent", "couru"),
    "dormir": ("dors dors dort dormons dormez dorment", "dormi"),
    "rire": ("ris ris rit rions riez rient", "ri"), "sourire": ("souris souris sourit sourions souriez sourient", "souri"),
    "vivre": ("vis vis vit vivons vivez vivent", "vécu"), "venir": ("viens viens vient venons venez viennent", "venu"),
    "revenir": ("reviens reviens revient revenons revenez reviennent", "revenu"),
    "partir": ("pars pars part partons partez partent", "parti"), "aller": ("vais vas va allons allez vont", "allé"),
    "dire": ("dis dis dit disons dites disent", "dit"), "pouvoir": ("peux peux peut pouvons pouvez peuvent", "pu"),
    "savoir": ("sais sais sait savons savez savent", "su"),
    "désirer": ("désire désires désire désirons désirez désirent", "désiré"),
    "répéter": ("répète répètes répète répétons répétez répètent", "répété"),
}
FR_PLURAL_IRR = {"œil": "yeux"}
ES_PLURAL_IRR = {"paraguas": "paraguas"}
EN_3SG_IRR = {"have": "has", "go": "goes"}
VOWELS = set("aeiouáéíóúàâäèêëîïôöûùüœhAEIOUÉÊÎÔH")


def strip_accent(s):
    return "".join(c for c in unicodedata.normalize("NFD", s) if not unicodedata.combining(c))


def en_plural(w):
    if w.endswith(("s", "x", "ch", "sh")):
        return w + "es"
    if w.endswith("y") and w[-2] not in "aeiou":
        return w[:-1] + "ies"
    return w + "s"


def es_plural(w):
    if w in ES_PLURAL_IRR:
        return ES_PLURAL_IRR[w]
    if w[-1] in "aeioué":
        return w + "s"
    if w[-1] == "z":
        return w[:-1] + "ces"
    if w[-2] in "áéíóú" and w[-1] in "ns":
        return w[:-2] + strip_accent(w[-2]) + w[-1] + "es"
    if w == "joven":
        return "jóvenes"
    return w + "es"


def fr_plural(w):
    if w in FR_PLURAL_IRR:
        return FR_PLURAL_IRR[w]
    if w[-1] in "sxz":
        return w
    if w.endswith(("eau", "eu")) and w != "bleu":
        return w + "x"
    if w.endswith("al"):
        return w[:-2] + "aux"
    return w + "s"


def en_3sg(w):
    if w in EN_3SG_IRR:
        return EN_3SG_IRR[w]
    if w.endswith(("s", "x", "ch", "sh", "o")):
        return w + "es"
    if w.endswith("y") and w[-2] not in "aeiou":
        return w[:-1] + "ies"
    return w + "s"


def en_past(w):
    if w.endswith("e"):
        return w + "d"
    if w.endswith("y") and w[-2] not in "aeiou":
        return w[:-1] + "ied"
    return w + "ed"


def es_conj(inf, change):
    base, cls = strip_accent(inf[:-2]) if inf.endswith("ír") else inf[:-2], strip_accent(inf[-2:])
    if inf in ES_PRES_IRR:
        pres = ES_PRES_IRR[inf].split()
    else:
        ends = {"ar": "o as a amos áis an", "er": "o es e emos éis en", "ir": "o es e imos ís en"}[cls].split()
        st = base
        if change:
            src = {"ie": "e", "ue": "o", "i": "e"}[change]
            if inf == "jugar":
                src = "u"
            i = st.rfind(src)
            st = st[:i] + change + st[i + 1:]
        pres = [(st if k in (0, 1, 2, 5) else base) + e for k, e in enumerate(ends)]
    if inf in ES_PAST_IRR:
        past = ES_PAST_IRR[inf].split()
    else:
        ends = {"ar": "é aste ó amos asteis aron"}.get(cls, "í iste ió imos isteis ieron").split()
        past = [base + e for e in ends]
        if cls == "ar":
            for a, b in (("c", "qu"), ("g", "gu"), ("z", "c")):
                if base.endswith(a):
                    past[0] = base[:-1] + b + "é"
    return pres, past


def fr_conj(inf):
    if inf in FR_IRR:
        return FR_IRR[inf][0].split(), FR_IRR[inf][1]
    if inf.endswith("er"):
        st = inf[:-2]
        nous = st + "e" if st.endswith("g") else st[:-1] + "ç" if st.endswith("c") else st
        return [st + "e", st + "es", st + "e", nous + "ons", st + "ez", st + "ent"], st + "é"
    if inf.endswith("re"):
        st = inf[:-2]
        return [st + "s", st + "s", st, st + "ons", st + "ez", st + "ent"], st + "u"
    raise ValueError(inf)


class Noun:
    def __init__(self, line):
        en, es, fr, self.tags = line.split("|")
        e = en.split("/")
        self.en = (e[0], e[1] if len(e) > 1 else en_plural(e[0]))
        s, rest = es.split(":")
        self.es_g, *pl = rest.split("/")
        self.es = (s, pl[0] if pl else es_plural(s))
        f, rest = fr.split(":")
        self.fr_g, *pl = rest.split("/")
        self.fr = (f, pl[0] if pl else fr_plural(f))
        self.mass = "M" in self.tags or "D" in self.tags
        self.human = "P" in self.tags
        self.animate = self.human or "A" in self.tags
        self.es_el = self.es[0] in ("agua", "águila")   # feminine nouns with a stressed initial a


def es_adj(w):
    fem = w[:-1] + "a" if w.endswith("o") else w
    return (w, fem, es_plural(w), es_plural(fem))


def fr_adj(spec):
    m, *f = spec.split("/")
    fem = f[0] if f else (m if m.endswith("e") else m + "e")
    mp = m + "x" if m.endswith("eau") else fr_plural(m)
    return (m, fem, mp, fr_plural(fem))


class Adj:
    def __init__(self, line):
        self.en, es, fr, self.tags = line.split("|")
        self.estar = es.endswith("*")
        self.es = es_adj(es.rstrip("*"))
        self.pre = fr.endswith("<")
        self.fr = fr_adj(fr.rstrip("< "))


class Verb:
    def __init__(self, line):
        en, es, fr, self.obj = line.split("|")
        e = en.split("/")
        self.en = e[0]
        self.en3 = e[1] if len(e) == 3 else en_3sg(e[0])
        self.enpast = e[-1] if len(e) > 1 else en_past(e[0])
        inf, *ch = es.split(":")
        self.es = inf
        self.es_pres, self.es_past = es_conj(inf, ch[0] if ch else "")
        self.etre = fr.endswith("*")
        self.fr = fr.rstrip("*")
        self.fr_pres, self.fr_pp = fr_conj(self.fr)


def _rows(text):
    return [r for r in text.strip().split("\n") if r]


NOUN = [Noun(r) for r in _rows(NOUNS)]
ADJ = [Adj(r) for r in _rows(ADJECTIVES)]
ADJ = [a for a in ADJ if a.tags != "-"]
VERB = [Verb(r) for r in _rows(VERBS)]

NUMBERS = [("two", "dos", "deux"), ("three", "tres", "trois"), ("four", "cuatro", "quatre"),
           ("five", "cinco", "cinq"), ("six", "seis", "six"), ("seven", "siete", "sept"),
           ("eight", "ocho", "huit"), ("nine", "nueve", "neuf"), ("ten", "diez", "dix")]
MANNER = [("slowly", "lentamente", "lentement"), ("quickly", "rápidamente", "rapidement"), ("well", "bien", "bien"),
          ("badly", "mal", "mal"), ("quietly", "silenciosamente", "doucement"), ("together", "juntos", "ensemble"),
          ("here", "aquí", "ici"), ("there", "allí", "là"), ("a lot", "mucho", "beaucoup"),
          ("again", "otra vez", "encore"), ("too", "también", "aussi"), ("outside", "fuera", "dehors"),
          ("easily", "fácilmente", "facilement"), ("far", "lejos", "loin")]
TIME_PRES = [("today", "hoy", "aujourd'hui"), ("now", "ahora", "maintenant"), ("every day", "cada día", "chaque jour"),
             ("in the morning", "por la mañana", "le matin"), ("at night", "por la noche", "la nuit"),
             ("in the evening", "por la tarde", "le soir"), ("every night", "cada noche", "chaque nuit"),
             ("on Monday", "el lunes", "le lundi"), ("on Sunday", "el domingo", "le dimanche"),
             ("in winter", "en invierno", "en hiver"), ("in summer", "en verano", "en été")]
TIME_PAST = [("yesterday", "ayer", "hier"), ("today", "hoy", "aujourd'hui"), ("last night", "anoche", "la nuit dernière"),
             ("last week", "la semana pasada", "la semaine dernière"), ("last year", "el año pasado", "l'année dernière"),
             ("this morning", "esta mañana", "ce matin")]
TIME_FUT = [("tomorrow", "mañana", "demain"), ("soon", "pronto", "bientôt"), ("tonight", "esta noche", "ce soir"),
            ("next week", "la próxima semana", "la semaine prochaine"), ("later", "más tarde", "plus tard")]
FREQ = [("always", "siempre", "toujours"), ("often", "a menudo", "souvent"), ("also", "también", "aussi"),
        ("already", "ya", "déjà")]
PREP_PLACE = [("in", "en", "dans"), ("near", "cerca de", "près de"), ("behind", "detrás de", "derrière"),
              ("in front of", "delante de", "devant"), ("on", "sobre", "sur"), ("under", "debajo de", "sous")]
PREP_OTHER = [("with", "con", "avec"), ("without", "sin", "sans"), ("for", "para", "pour")]
NAMES = [("Peter", "Pedro", "Pierre", "m"), ("Mary", "María", "Marie", "f"), ("John", "Juan", "Jean", "m"),
         ("Anna", "Ana", "Anne", "f"), ("Paul", "Pablo", "Paul", "m"), ("Lucy", "Lucía", "Lucie", "f"),
         ("Martin", "Martín", "Martin", "m"), ("Laura", "Laura", "Laure", "f")]
PHRASES = [("hello", "hola", "bonjour"), ("good night", "buenas noches", "bonne nuit"), ("thank you", "gracias", "merci"),
           ("please", "por favor", "s'il vous plaît"), ("yes", "sí", "oui"), ("no", "no", "non"),
           ("goodbye", "adiós", "au revoir"), ("good morning", "buenos días", "bonjour"),
           ("I do not know", "no sé", "je ne sais pas"), ("very good", "muy bien", "très bien"),
           ("of course", "por supuesto", "bien sûr"), ("see you tomorrow", "hasta mañana", "à demain")]
EXTRA_WORDS = {   # words that only the hand-made probes need, so that the tokenizer knows them
    "en": "a b c d e f g h i j k l m n o p q r s t u v w x y z _ the an and or not is are was were very so if then than "
          "one first last all some any this that these those what who where when why how more less less than "
          "me him her it us them my your his our their to of in on at by as up down out off over into from biting "
          "eating running sleeping speaking reading playing singing seeing fox1 1 2 3 4 5 6 7 8 9 0 10".replace("fox1 ", ""),
    "es": "y o u no es está son están era fue muy así si uno una unos unas que quién dónde cuándo cómo porque más menos "
          "lo la los las le les me te nos se mi tu su al del hay",
    "fr": "et ou ne pas est sont était très si un une des du que qui où quand comment parce plus moins "
          "le la les lui leur me te se mon ton son ma ta sa au aux il y a",
}
