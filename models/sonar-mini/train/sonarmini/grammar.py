"""Random aligned English / Spanish / French sentences from the lexicon.

``Grammar(seed).triple()`` returns (english, spanish, french).  Every sentence is
built from one meaning and realised three times with correct agreement.
"""
import random
import re

from sonarmini.lexicon import *

BY_TAG = {}
for _n in NOUN:
    for _t in _n.tags:
        BY_TAG.setdefault(_t, []).append(_n)
ANIMATE = BY_TAG["A"] + BY_TAG["P"]
COUNT = [n for n in NOUN if not n.mass]
TRANS = [v for v in VERB if v.obj != "-"]
INTR = [v for v in VERB if v.obj == "-"]
ADJ_ANIM = [a for a in ADJ if set(a.tags) & set("ga")]
ADJ_THING = [a for a in ADJ if set(a.tags) & set("gsofct")]
ADJ_FOOD = [a for a in ADJ if set(a.tags) & set("gf")]
SER = Verb("be/is/was|ser|être|-")
ESTAR = Verb("be/is/was|estar|être|-")
GIVE = Verb("give/gave|dar|donner|-")
SAY = Verb("say/said|decir|dire|-")
CAN = Verb("can/can/could|poder|pouvoir|-")
KNOWF = Verb("know/knew|saber|savoir|-")
WANT = next(v for v in VERB if v.en == "want")
GO = next(v for v in VERB if v.en == "go")
FR_AVOIR = FR_IRR["avoir"][0].split()
FR_ETRE = FR_IRR["être"][0].split()
H_ASPIRE = {"huit", "haut", "haute"}

PRON = [  # en, es (dropped where None), fr, person, gender, number
    ("I", None, "je", 0, "m", 0), ("you", None, "tu", 1, "m", 0), ("he", "él", "il", 2, "m", 0),
    ("she", "ella", "elle", 2, "f", 0), ("we", None, "nous", 3, "m", 1), ("they", "ellos", "ils", 5, "m", 1)]
POSS = [("my", ("mi", "mis"), ("mon", "ma", "mes")), ("your", ("tu", "tus"), ("ton", "ta", "tes")),
        ("his", ("su", "sus"), ("son", "sa", "ses")),
        ("our", ("nuestro", "nuestros", "nuestra", "nuestras"), ("notre", "notre", "nos")),
        ("their", ("su", "sus"), ("leur", "leur", "leurs"))]


def fr_vowel(w):
    return w[0].lower() in "aeiouyàâäéèêëîïôöûùüœh" and w not in H_ASPIRE


def finish_fr(words):
    """Elision, word by word."""
    out = []
    for i, w in enumerate(words):
        nxt = words[i + 1] if i + 1 < len(words) else ""
        if nxt and fr_vowel(nxt) and w in ("le", "la", "je", "ne", "de", "que", "me", "te", "se", "ce°"):
            out.append(w[:-1] + "'" if w != "ce°" else "c'")
        elif w == "si" and nxt in ("il", "ils"):
            out.append("s'")
        else:
            out.append(w)
    s = " ".join(out)
    return s.replace("' ", "'")


class NP:
    """A noun phrase (or a pronoun or a name)."""
    __slots__ = ("noun", "num", "det", "adj", "k", "pron", "name", "of", "conj", "very")

    def __init__(self):
        self.noun = self.adj = self.pron = self.name = self.of = self.conj = None
        self.num, self.det, self.k, self.very = 0, "def", 0, False

    # grammatical features -------------------------------------------------
    def person(self):
        if self.pron:
            return self.pron[3]
        return 5 if self.plural() else 2

    def plural(self):
        return bool(self.conj) or (self.pron[5] if self.pron else self.num)

    def gender(self, lang):
        if self.pron:
            return self.pron[4]
        if self.name:
            g = self.name[3]
        else:
            g = self.noun.es_g if lang == "es" else self.noun.fr_g
        if self.conj:
            return "f" if g == "f" and self.conj.gender(lang) == "f" else "m"
        return g

    def human(self):
        return bool(self.name or (self.noun and self.noun.human))

    # realisation ----------------------------------------------------------
    def en(self, role="s"):
        if self.pron:
            w = self.pron[0]
            return [w]
        if self.name:
            w = [self.name[0]]
        else:
            n = self.noun.en[self.num]
            pre = [self.adj.en] if self.adj else []
            if self.very and self.adj:
                pre = ["very"] + pre
            d = self.det
            if d == "def":
                det = ["the"]
            elif d == "indef":
                if self.noun.mass:
                    det = []
                elif self.num:
                    det = ["some"]
                else:
                    det = ["an" if (pre + [n])[0][0] in "aeiou" else "a"]
            elif d == "poss":
                det = [POSS[self.k][0]]
            elif d == "this":
                det = ["these" if self.num else "this"]
            elif d == "that":
                det = ["those" if self.num else "that"]
            elif d == "num":
                det = [NUMBERS[self.k][0]]
            elif d == "many":
                det = ["many"]
            elif d == "every":
                det = ["every"]
            elif d == "bare":
                det = []
            w = det + pre + [n]
            if self.of:
                o = self.of.en()
                w = o[:-1] + [o[-1] + ("'" if o[-1].endswith("s") else "'s")] + pre + [n]
        if self.conj:
            w = w + ["and"] + self.conj.en()
        return w

    def es(self, role="s"):
        if self.pron:
            return [self.pron[1]] if self.pron[1] else []
        if self.name:
            w = [self.name[1]]
        else:
            N, num = self.noun, self.num
            f = N.es_g == "f"
            fi = (1 if f else 0) + 2 * num
            adj = ([self.adj.es[fi]] if self.adj else [])
            if self.very and self.adj:
                adj = ["muy"] + adj
            d = self.det
            if d == "def":
                det = [("los", "las")[f] if num else ("la" if f and not N.es_el else "el")]
            elif d == "indef":
                det = [] if N.mass else [("unos", "unas")[f] if num else ("una" if f and not N.es_el else "un")]
            elif d == "poss":
                p = POSS[self.k][1]
                det = [p[num] if len(p) == 2 else p[num + 2 * f]]
            elif d == "this":
                det = [("estos", "estas")[f] if num else ("esta" if f else "este")]
            elif d == "that":
                det = [("esos", "esas")[f] if num else ("esa" if f else "ese")]
            elif d == "num":
                det = [NUMBERS[self.k][1]]
            elif d == "many":
                det = ["muchas" if f else "muchos"]
            elif d == "every":
                det = ["cada"]
            elif d == "bare":
                det = []
            w = det + [N.es[num]] + adj
            if self.of:
                w = w + es_prep("de", self.of)
        if self.conj:
            c = self.conj.es()
            w = w + ["e" if c and re.match(r"h?[ií]", c[0]) else "y"] + c
        return w

    def fr(self, role="s", neg=False):
        if self.pron:
            return [self.pron[2]]
        if self.name:
            w = [self.name[2]]
        else:
            N, num = self.noun, self.num
            f = N.fr_g == "f"
            n = N.fr[num]
            pre, post = [], []
            if self.adj:
                a = self.adj.fr[(1 if f else 0) + 2 * num]
                if self.very:
                    post = ["très", a]
                elif self.adj.pre:
                    if not f and not num and fr_vowel(n):
                        a = {"beau": "bel", "nouveau": "nouvel", "vieux": "vieil"}.get(a, a)
                    pre = [a]
                else:
                    post = [a]
            first = (pre + [n])[0]
            d = self.det
            if d == "def":
                det = ["les" if num else ("la" if f else "le")]
            elif d == "indef":
                if neg:
                    det = ["de"]
                elif N.mass:
                    det = ["de", "l'"] if fr_vowel(first) else (["de", "la"] if f else ["du"])
                    if det == ["de", "l'"]:
                        det = ["de", "la" if f else "le"]
                elif num:
                    det = ["de" if pre else "des"]
                else:
                    det = ["une" if f else "un"]
            elif d == "poss":
                p = POSS[self.k][2]
                det = [p[2] if num else (p[1] if f and not fr_vowel(first) else p[0])]
            elif d in ("this", "that"):
                det = ["ces" if num else ("cette" if f else ("cet" if fr_vowel(first) else "ce"))]
                if d == "that":
                    n = n + "-là"
            elif d == "num":
                det = [NUMBERS[self.k][2]]
            elif d == "many":
                det = ["beaucoup", "de"]
            elif d == "every":
                det = ["chaque"]
            elif d == "bare":
                det = []
            w = det + pre + [n] + post
            if self.of:
                w = w + fr_prep("de", self.of)
        if self.conj:
            w = w + ["et"] + self.conj.fr()
        return w


def es_prep(prep, np):
    w = np.es()
    p = prep.split()
    if np.pron:
        w = {0: ["mí"], 1: ["ti"], 3: ["nosotros"]}.get(np.pron[3], w)
        if p == ["con"] and w in (["mí"], ["ti"]):
            return ["conmigo" if w == ["mí"] else "contigo"]
    if w and w[0] == "el" and p[-1] in ("a", "de") and (np.noun is not None):
        return p[:-1] + ["al" if p[-1] == "a" else "del"] + w[1:]
    return p + w


def fr_prep(prep, np):
    w = np.fr()
    p = prep.split()
    if np.pron:
        w = [{0: "moi", 1: "toi", 2: "elle" if np.pron[4] == "f" else "lui", 3: "nous", 5: "eux"}[np.pron[3]]]
        return p + w
    if np.noun is not None and np.det == "indef" and p[-1] == "de" and w[0] in ("des", "du", "de"):
        return p + [x for x in w[1:]] if w[0] != "de" or not np.noun.mass else p + w[2:]
    if np.noun is not None and np.det == "def" and len(w) > 1:
        if w[0] == "le" and not fr_vowel(w[1]):
            c = {"de": "du", "à": "au"}.get(p[-1])
        elif w[0] == "les":
            c = {"de": "des", "à": "aux"}.get(p[-1])
        else:
            c = None
        if c:
            return p[:-1] + [c] + w[1:]
    return p + w


def en_prep(prep, np):
    w = np.en()
    if np.pron:
        w = [{"I": "me", "you": "you", "he": "him", "she": "her", "we": "us", "they": "them"}[np.pron[0]]]
    return prep.split() + w


class Grammar:
    def __init__(self, seed):
        self.r = random.Random(seed)

    # pieces ---------------------------------------------------------------
    def np(self, pool, pron=0.0, name=0.0, adj=0.3, of=0.06, conj=0.05, indef=0.3):
        r = self.r
        np = NP()
        x = r.random()
        if x < pron:
            np.pron = r.choice(PRON)
            return np
        if x < pron + name:
            np.name = r.choice(NAMES)
            return np
        N = np.noun = r.choice(pool)
        if not N.mass and r.random() < 0.22:
            np.num = 1
        x = r.random()
        if N.mass:
            np.det = "indef" if x < 0.5 else "def" if x < 0.85 else "poss"
        elif x < indef:
            np.det = "indef"
        elif x < 0.72:
            np.det = "def"
        elif x < 0.85:
            np.det = "poss"
        elif x < 0.93:
            np.det = r.choice(("this", "this", "that"))
        elif x < 0.97:
            np.det, np.num = "num", 1
        elif x < 0.985:
            np.det, np.num = "many", 1
        else:
            np.det, np.num = "every", 0
        if np.det == "poss":
            np.k = r.randrange(len(POSS))
        elif np.det == "num":
            np.k = r.randrange(len(NUMBERS))
        if r.random() < adj:
            np.adj = r.choice(ADJ_ANIM if N.animate else ADJ_FOOD if set(N.tags) & set("FMD") else ADJ_THING)
            np.very = r.random() < 0.06
        if np.det == "def" and r.random() < of and not N.mass:
            np.of = self.np(BY_TAG["P"], name=0.3, adj=0.15, of=0, conj=0, indef=0.1)
            if np.of.name is None and np.of.det in ("num", "many", "every"):
                np.of.det, np.of.num = "def", 0
        elif r.random() < conj:
            np.conj = self.np(pool, name=name, adj=adj * 0.5, of=0, conj=0, indef=indef)
        return np

    def subj(self, pron=0.28, **kw):
        r = self.r
        pool = ANIMATE if r.random() < 0.88 else COUNT
        return self.np(pool, pron=pron, name=0.06, **kw)

    def obj(self, v, **kw):
        r = self.r
        if r.random() < 0.2:
            pool = NOUN
        else:
            pool = BY_TAG[r.choice(v.obj)]
        return self.np(pool, name=0.04 if "P" in v.obj else 0.0, **kw)

    # verb groups: return (en, es, fr) lists of words between subject and object
    def verb(self, v, s, tense, neg=False, freq=None):
        p, pl = s.person(), s.plural()
        third = p == 2
        en, es, fr = [], [], []
        fq = [[freq[i]] if freq else [] for i in range(3)]
        be = v in (SER, ESTAR)
        # English
        if be:
            f = ({0: "am", 2: "is"}.get(p, "are") if tense == "pres" else ("was" if p in (0, 2) else "were"))
            en = [f] + (["not"] if neg else []) + fq[0]
            if tense == "fut":
                en = [{0: "am", 2: "is"}.get(p, "are")] + (["not"] if neg else []) + ["going", "to", "be"]
        elif tense == "fut":
            en = [{0: "am", 2: "is"}.get(p, "are")] + (["not"] if neg else []) + ["going", "to"] + fq[0] + [v.en]
        elif v is CAN:
            en = (["cannot"] if neg else ["can"]) if tense == "pres" else ["could"] + (["not"] if neg else [])
        elif neg:
            en = ["did" if tense == "past" else ("does" if third else "do"), "not"] + fq[0] + [v.en]
        else:
            en = fq[0] + [v.enpast if tense == "past" else (v.en3 if third else v.en)]
        # Spanish
        if tense == "fut":
            es = (["no"] if neg else []) + fq[1] + [GO.es_pres[p], "a", v.es]
        else:
            es = (["no"] if neg else []) + fq[1] + [(v.es_past if tense == "past" else v.es_pres)[p]]
        # French
        def wrap(f, rest):
            return (["ne", f, "pas"] if neg else [f]) + fq[2] + rest
        if tense == "fut":
            fr = wrap(GO.fr_pres[p], [v.fr])
        elif be and tense == "past":
            imp = "étais étais était étions étiez étaient".split()
            fr = wrap(imp[p], [])
        elif tense == "past":
            pp = v.fr_pp
            if v.etre:
                if s.gender("fr") == "f":
                    pp += "e"
                if pl:
                    pp += "s" if not pp.endswith("s") else ""
            fr = wrap((FR_ETRE if v.etre else FR_AVOIR)[p], [pp])
        else:
            fr = wrap(v.fr_pres[p], [])
        return en, es, fr

    def tense(self):
        x = self.r.random()
        return "pres" if x < 0.5 else "past" if x < 0.85 else "fut"

    def pp_place(self):
        r = self.r
        on = r.random()
        if on < 0.72:
            p, np = r.choice(PREP_PLACE[:4]), self.np(BY_TAG["L"], adj=0.2, conj=0, of=0.05, indef=0.12)
        else:
            p, np = r.choice(PREP_PLACE), self.np(BY_TAG["O"] + BY_TAG["N"] + BY_TAG["V"], adj=0.2, conj=0, of=0.05, indef=0.2)
        return en_prep(p[0], np), es_prep(p[1], np), fr_prep(p[2], np)

    def pp_other(self):
        r = self.r
        p = r.choice(PREP_OTHER)
        np = self.np(BY_TAG["P"] + BY_TAG["O"] + BY_TAG["A"], pron=0.2, name=0.08, adj=0.2, conj=0.03, of=0.03)
        return en_prep(p[0], np), es_prep(p[1], np), fr_prep(p[2], np)

    def time(self, tense):
        return tuple([w] for w in self.r.choice({"pres": TIME_PRES, "past": TIME_PAST, "fut": TIME_FUT}[tense]))

    # clauses: return (en, es, fr) lists ------------------------------------
    def join(self, *parts):
        out = ([], [], [])
        for p in parts:
            if p is None:
                continue
            for i in range(3):
                out[i].extend(p[i])
        return out

    def snp(self, s):
        return s.en(), s.es(), s.fr()

    def onp(self, v, o, neg=False):
        es = es_prep("a", o) if o.human() and v.es != "tener" else o.es()
        return o.en(), es, o.fr(neg=neg)

    def adjunct(self, tense, scale=1.0):
        r = self.r
        parts = []
        if r.random() < 0.33 * scale:
            x = r.random()
            parts.append(self.pp_place() if x < 0.5 else self.pp_other() if x < 0.72 else tuple([w] for w in r.choice(MANNER)))
        if r.random() < 0.2 * scale:
            parts.append(self.time(tense))
        return parts

    def c_intr(self, scale=1.0, s=None, tense=None):
        r = self.r
        s = s or self.subj()
        v = r.choice(INTR)
        t = tense or self.tense()
        neg = r.random() < 0.12
        fq = r.choice(FREQ) if r.random() < 0.07 and not neg and t != "fut" else None
        extra = self.adjunct(t, 1.6 * scale)
        if v is GO:
            np = self.np(BY_TAG["L"], adj=0.2, conj=0, of=0.05, indef=0.12)
            extra = [(en_prep("to", np), es_prep("a", np), fr_prep("à", np))] + extra[-1:]
        return self.join(self.snp(s), self.verb(v, s, t, neg, fq), *extra)

    def c_trans(self, scale=1.0, s=None, tense=None):
        r = self.r
        s = s or self.subj()
        v = r.choice(TRANS)
        t = tense or self.tense()
        neg = r.random() < 0.12
        fq = r.choice(FREQ) if r.random() < 0.05 and not neg and t != "fut" else None
        if r.random() < 0.06 and t != "fut" and v.es not in ("mostrar",):      # object pronoun
            o = r.choice(PRON)
            p = s.person()
            if o[3] != p or p in (2, 5):
                en, es, fr = self.verb(v, s, t, neg)
                en = en + [{"I": "me", "you": "you", "he": "him", "she": "her", "we": "us", "they": "them"}[o[0]]]
                ec = {"I": "me", "you": "te", "he": "lo", "she": "la", "we": "nos", "they": "los"}[o[0]]
                es = (["no"] if neg else []) + [ec] + es[1 if neg else 0:]
                fc = {"I": "me", "you": "te", "he": "le", "she": "la", "we": "nous", "they": "les"}[o[0]]
                if t == "past":
                    pp = fr[-1]
                    pp += {"she": "e", "they": "" if pp.endswith("s") else "s"}.get(o[0], "") if o[0] in ("she", "they") else \
                          ("s" if o[0] == "we" and not pp.endswith("s") else "")
                    fr = fr[:-1] + [pp]
                fr = (["ne"] if neg else []) + [fc] + fr[1 if neg else 0:]
                return self.join(self.snp(s), (en, es, fr), *self.adjunct(t, 0.7 * scale))
        o = self.obj(v)
        return self.join(self.snp(s), self.verb(v, s, t, neg, fq), self.onp(v, o, neg), *self.adjunct(t, 0.8 * scale))

    def pred_adj(self, s, a):
        g, pl = s.gender("es"), s.plural()
        es = a.es[(1 if g == "f" else 0) + 2 * pl]
        g = s.gender("fr")
        fr = a.fr[(1 if g == "f" else 0) + 2 * pl]
        return [a.en], [es], [fr]

    def c_cop(self, scale=1.0, s=None, tense=None):
        r = self.r
        t = tense or ("pres" if r.random() < 0.7 else "past")
        neg = r.random() < 0.12
        s = s or (self.subj() if r.random() < 0.6 else self.np(NOUN, adj=0.12))
        x = r.random()
        animate = bool(s.pron or s.name or s.noun.animate)
        if x < 0.62:
            a = r.choice(ADJ_ANIM if animate else ADJ_FOOD if set(s.noun.tags) & set("FMD") else ADJ_THING)
            deg = r.choice([(["very"], ["muy"], ["très"]), (["too"], ["demasiado"], ["trop"]),
                            (["so"], ["tan"], ["si"])]) if r.random() < 0.25 else None
            v = ESTAR if a.estar else SER
            tail = [self.time(t)] if r.random() < 0.12 * scale else []
            return self.join(self.snp(s), self.verb(v, s, t, neg), deg, self.pred_adj(s, a), *tail)
        if x < 0.85:
            return self.join(self.snp(s), self.verb(ESTAR, s, t, neg), self.pp_place(),
                             *([self.time(t)] if r.random() < 0.12 * scale else []))
        if not animate or s.plural():
            s = self.np(BY_TAG["P"], name=0.25, pron=0.0, adj=0.2, conj=0, of=0.08)
            if s.name is None and s.num:
                s.num = 0
                if s.det in ("num", "many"):
                    s.det = "def"
        n = self.np(BY_TAG["P"], adj=0.4, conj=0, of=0, indef=1.0)
        n.num = 0
        n.very = False
        if r.random() < 0.3:
            n.det, n.k = "poss", r.randrange(len(POSS))
        en, es, fr = n.en(), n.es(), n.fr()
        if n.det == "indef" and not n.adj:
            es, fr = es[1:], fr[1:]
        return self.join(self.snp(s), self.verb(SER, s, t, neg), (en, es, fr))

    def c_give(self, scale=1.0):
        r = self.r
        s, t = self.subj(), self.tense()
        neg = r.random() < 0.1
        o = self.np(BY_TAG["O"] + BY_TAG["F"] + BY_TAG["C"], adj=0.25, of=0, conj=0.02)
        to = self.np(BY_TAG["P"] + BY_TAG["A"], name=0.15, adj=0.2, of=0.04, conj=0)
        return self.join(self.snp(s), self.verb(GIVE, s, t, neg), (o.en(), o.es(), o.fr(neg=neg)),
                         (en_prep("to", to), es_prep("a", to), fr_prep("à", to)))

    def c_modal(self, scale=1.0):
        r = self.r
        s = self.subj()
        m = CAN if r.random() < 0.5 else WANT
        t = "pres" if r.random() < 0.8 else "past"
        neg = r.random() < 0.2
        if r.random() < 0.45:
            v = r.choice([x for x in INTR if x is not GO])
            tail = [([v.en], [v.es], [v.fr])] + self.adjunct(t, scale)
        else:
            v = r.choice(TRANS)
            o = self.obj(v)
            tail = [([v.en], [v.es], [v.fr]), self.onp(v, o)] + self.adjunct(t, 0.4 * scale)
        mid = (["to"], [], []) if m is WANT else None
        return self.join(self.snp(s), self.verb(m, s, t, neg), mid, *tail)

    def c_like(self, scale=1.0):
        """English like, Spanish gustar, French aimer."""
        r = self.r
        s = self.subj()
        o = self.np(NOUN, adj=0.2, of=0.04, conj=0, indef=0.0)
        if o.noun.mass and o.det == "indef":
            o.det = "def"
        neg = r.random() < 0.15
        p = s.person()
        en = ["do" if p != 2 else "does", "not", "like"] if neg else ["likes" if p == 2 else "like"]
        cl = ["me", "te", "le", "nos", "", "les"][p]
        head = [] if p in (0, 1, 3) else es_prep("a", s)
        es = head + (["no"] if neg else []) + [cl, "gustan" if o.plural() else "gusta"] + o.es()
        aim = "aime aimes aime aimons aimez aiment".split()[p]
        fr = s.fr() + (["ne", aim, "pas"] if neg else [aim]) + o.fr()
        return self.join((s.en() + en + o.en(), es, fr), *([self.time("pres")] if r.random() < 0.08 * scale else []))

    def c_there(self, scale=1.0):
        r = self.r
        np = self.np(COUNT if r.random() < 0.8 else NOUN, adj=0.3, of=0, conj=0.05, indef=0.75)
        if np.det not in ("indef", "num", "many"):
            np.det = "indef"
        be = "are" if np.plural() else "is"
        return self.join((["there", be] + np.en(), ["hay"] + np.es(), ["il", "y", "a"] + np.fr()),
                         self.pp_place() if r.random() < 0.75 else None)

    def c_think(self, scale=1.0):
        r = self.r
        s = self.subj(of=0, conj=0)
        v = r.choice([SAY, SAY, next(x for x in VERB if x.en == "think"), KNOWF])
        t = "pres"
        sub = self.simple(0.3)
        return self.join(self.snp(s), self.verb(v, s, t, r.random() < 0.06), (["that"], ["que"], ["que"]), sub)

    def simple(self, scale=1.0):
        x = self.r.random()
        if x < 0.27:
            return self.c_intr(scale)
        if x < 0.6:
            return self.c_trans(scale)
        if x < 0.8:
            return self.c_cop(scale)
        if x < 0.86:
            return self.c_like(scale)
        if x < 0.9:
            return self.c_give(scale)
        if x < 0.95:
            return self.c_modal(scale)
        return self.c_there(scale)

    CONJ = [("and", "y", "et"), ("but", "pero", "mais"), ("because", "porque", "parce que"), ("when", "cuando", "quand"),
            ("if", "si", "si"), ("so", "así que", "donc")]

    def c_joined(self):
        r = self.r
        a, b = self.simple(0.35), self.simple(0.35)
        c = r.choice(self.CONJ)
        return self.join(a, tuple(x.split() for x in c), b)

    def c_front(self):
        r = self.r
        if r.random() < 0.5:
            t = self.tense()
            f = self.time(t)
            f = tuple(x for x in f)
            body = self.c_intr(0.3, tense=t) if r.random() < 0.4 else self.c_trans(0.3, tense=t)
            return self.join(f, body)
        c = r.choice([("when", "cuando", "quand"), ("if", "si", "si")])
        a, b = self.simple(0.2), self.simple(0.2)
        return self.join(tuple([x] for x in c), (a[0] + [","], a[1] + [","], a[2] + [","]), b)

    def c_short(self):
        """A noun phrase, a prepositional phrase, or a set phrase."""
        r = self.r
        x = r.random()
        if x < 0.6:
            np = self.np(NOUN, adj=0.45, of=0.1, conj=0.25, name=0.02)
            if r.random() < 0.15:
                np.det = "bare"
                np.of = None
            return self.snp(np)
        if x < 0.8:
            return self.pp_place() if r.random() < 0.6 else self.pp_other()
        if x < 0.88:
            p = r.choice(PHRASES)
            return tuple([w] for w in p)
        if x < 0.94:
            p = r.choice(MANNER + FREQ + TIME_PRES + TIME_PAST + TIME_FUT)
            return tuple([w] for w in p)
        v = r.choice(VERB)
        return [v.en], [v.es], [v.fr]

    def question(self):
        r = self.r
        x = r.random()
        if x < 0.4:
            s = self.subj()
            v = r.choice(TRANS if r.random() < 0.6 else INTR)
            t = "pres" if r.random() < 0.6 else "past"
            en, es, fr = self.verb(v, s, t)
            tail = [self.onp(v, self.obj(v))] if v.obj != "-" else self.adjunct(t, 0.8)
            aux = "did" if t == "past" else ("does" if s.person() == 2 else "do")
            return self.join(([aux] + s.en() + [v.en], s.es() + es, ["est-ce", "que"] + s.fr() + fr), *tail)
        if x < 0.55:
            s = self.np(NOUN, adj=0.2, pron=0.1, name=0.08)
            en, es, fr = self.verb(ESTAR, s, "pres")
            f = s.fr()
            if s.pron:
                body = ["où"] + fr + f
                body = ["où", fr[0] + "-" + f[0]] if f[0] not in ("je",) else ["où", "suis-je"]
            else:
                body = ["où"] + fr + f
            return ["where"] + en + s.en(), ["dónde"] + es + s.es(), body
        if x < 0.7:
            v = r.choice(TRANS)
            t = "pres" if r.random() < 0.6 else "past"
            o = self.obj(v)
            d = NP()
            d.pron = ("he", "él", "il", 2, "m", 0)
            en, es, fr = self.verb(v, d, t)
            return self.join((["who"] + en, ["quién"] + es, ["qui"] + fr), self.onp(v, o))
        if x < 0.85:
            s = self.subj()
            v = r.choice(TRANS)
            t = "pres" if r.random() < 0.6 else "past"
            en, es, fr = self.verb(v, s, t)
            aux = "did" if t == "past" else ("does" if s.person() == 2 else "do")
            return ["what", aux] + s.en() + [v.en], ["qué"] + es + s.es(), ["qu'est-ce", "que"] + s.fr() + fr
        w = r.choice([("why", "por qué", "pourquoi est-ce que"), ("when", "cuándo", "quand est-ce que"),
                      ("how", "cómo", "comment est-ce que")])
        s = self.subj()
        v = r.choice(INTR)
        t = "pres" if r.random() < 0.6 else "past"
        en, es, fr = self.verb(v, s, t)
        aux = "did" if t == "past" else ("does" if s.person() == 2 else "do")
        return [w[0], aux] + s.en() + [v.en], w[1].split() + s.es() + es, w[2].split() + s.fr() + fr

    # sentences --------------------------------------------------------------
    def triple(self):
        r = self.r
        x = r.random()
        kind = "s"
        if x < 0.13:
            c = self.c_short()
            kind = "f"
        elif x < 0.66:
            c = self.simple()
        elif x < 0.74:
            c = self.question()
            kind = "q"
        elif x < 0.78:
            c = self.c_give()
        elif x < 0.83:
            c = self.c_modal()
        elif x < 0.86:
            c = self.c_think()
        elif x < 0.95:
            c = self.c_joined()
        else:
            c = self.c_front()
        en, es = " ".join(c[0]), " ".join(c[1])
        fr = finish_fr(" ".join(c[2]).split())
        en, es, fr = (s.replace(" ,", ",") for s in (en, es, fr))
        style = r.random()
        q = kind == "q"
        if style < 0.28 and kind != "f" or (kind == "f" and style < 0.08):
            cap = lambda s: s[0].upper() + s[1:]
            if q:
                return cap(en) + "?", "¿" + cap(es) + "?", cap(fr) + " ?"
            end = "!" if r.random() < 0.08 else "."
            return cap(en) + end, ("¡" if end == "!" else "") + cap(es) + end, cap(fr) + (" !" if end == "!" else ".")
        if q and style < 0.75:
            return en + "?", "¿" + es + "?", fr + " ?"
        if style > 0.93 and not q and kind != "f":
            return en + ".", es + ".", fr + "."
        return en, es, fr


def lexicon_forms():
    """Every inflected form, per language (for the tokenizer's training text and for word lists)."""
    out = {"en": set(), "es": set(), "fr": set()}
    for n in NOUN:
        out["en"].update(n.en), out["es"].update(n.es), out["fr"].update(n.fr)
    for a in ADJ:
        out["en"].add(a.en), out["es"].update(a.es), out["fr"].update(w for f in a.fr for w in f.split())
    keep = (0, 1, 2, 3, 5)
    for v in VERB + [SER, ESTAR, GIVE, SAY, CAN, KNOWF]:
        out["en"].update((v.en, v.en3, v.enpast))
        out["es"].update([v.es] + [v.es_pres[k] for k in keep] + [v.es_past[k] for k in keep])
        out["fr"].update([v.fr, v.fr_pp] + [v.fr_pres[k] for k in keep])
    for tab in (NUMBERS, MANNER, TIME_PRES, TIME_PAST, TIME_FUT, FREQ, PREP_PLACE, PREP_OTHER, PHRASES):
        for row in tab:
            for l, ws in zip(("en", "es", "fr"), row):
                out[l].update(ws.split())
    for row in NAMES:
        for l, w in zip(("en", "es", "fr"), row):
            out[l].add(w)
    for l, ws in EXTRA_WORDS.items():
        out[l].update(ws.split())
    return {l: sorted(s) for l, s in out.items()}


if __name__ == "__main__":
    import sys, time
    g = Grammar(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 40):
        print(" | ".join(g.triple()))
    f = lexicon_forms()
    print({k: len(v) for k, v in f.items()}, len(set().union(*f.values())))
    t = time.process_time()
    n = 20000
    s = {g.triple() for _ in range(n)}
    print("distinct %d of %d, %.0f/s cpu" % (len(s), n, n / (time.process_time() - t)))
    print("mean words", sum(len(x[0].split()) for x in s) / len(s), "max", max(len(x[0].split()) for x in s))
