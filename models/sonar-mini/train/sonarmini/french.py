"""French inflection: plurals, adjectives, the present and the past participle, and elision."""

VERBS = {
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
"""Irregular verbs: the present's six persons, and the past participle."""
IRREGULAR_PLURALS = {"œil": "yeux"}
ASPIRATED = {"huit", "haut", "haute"}
"""Words with an h before which nothing is elided."""
VOWELS = "aeiouyàâäéèêëîïôöûùüœh"
ELIDED = {"le", "la", "je", "ne", "de", "que", "me", "te", "se"}


def starts_with_vowel(word):
    return word[0].lower() in VOWELS and word not in ASPIRATED


def plural(word):
    if word in IRREGULAR_PLURALS:
        return IRREGULAR_PLURALS[word]
    if word[-1] in "sxz":
        return word
    if word.endswith(("eau", "eu")) and word != "bleu":
        return word + "x"
    if word.endswith("al"):
        return word[:-2] + "aux"
    return word + "s"


def adjective(given):
    """Masculine and feminine, then their plurals, of `masculine[/feminine]`."""
    masculine, *rest = given.split("/")
    feminine = rest[0] if rest else masculine if masculine.endswith("e") else masculine + "e"
    masculine_plural = masculine + "x" if masculine.endswith("eau") else plural(masculine)
    return masculine, feminine, masculine_plural, plural(feminine)


def conjugated(infinitive):
    """The present's six persons, and the past participle. Raises ValueError for an irregular verb that is not listed."""
    if infinitive in VERBS:
        present, participle = VERBS[infinitive]
        return present.split(), participle
    stem = infinitive[:-2]
    if infinitive.endswith("er"):
        soft = stem + "e" if stem.endswith("g") else stem[:-1] + "ç" if stem.endswith("c") else stem
        return [stem + "e", stem + "es", stem + "e", soft + "ons", stem + "ez", stem + "ent"], stem + "é"
    if infinitive.endswith("re"):
        return [stem + "s", stem + "s", stem, stem + "ons", stem + "ez", stem + "ent"], stem + "u"
    raise ValueError(f"no rule conjugates {infinitive}")


def elided(words):
    """A sentence of words, with le, la, je, ... cut before a vowel."""
    out = []
    for word, following in zip(words, [*words[1:], ""]):
        if following and word in ELIDED and starts_with_vowel(following):
            out.append(word[:-1] + "'")
        elif word == "si" and following in ("il", "ils"):
            out.append("s'")
        else:
            out.append(word)
    return " ".join(out).replace("' ", "'")
