"""Jobs that several of these tests hand in."""

# Beam search over tens of thousands of units: goes on for as long as a test looks at it.
ENDLESS = """
name: {name}
sweep:
  kind: position
  language: eng_Latn
  tokens: {{ids: {{from: 100, to: {last}}}}}
  fillers: [_, the]
  length: 20
decode:
  languages: [eng_Latn]
  method: beam
  max_tokens: 32
"""
SHORT = """
name: {name}
sweep: {{kind: position, language: eng_Latn, tokens: [dog, cat], fillers: [_], length: 4}}
decode: {{languages: [eng_Latn], max_tokens: 8}}
"""
# Three of its sentences are longer than the encoder takes.
TOO_LONG_CORPUS = "eng_Latn\tlabel\n" + "".join(
    f"{'the dog sleeps ' * (1 if i < 5 else 400)}{i}\t{i % 2}\n" for i in range(8))


def endless(name, tokens=2000):
    return ENDLESS.format(name=name, last=99 + tokens)


def short(name):
    return SHORT.format(name=name)


LONG = endless("long", 300)
