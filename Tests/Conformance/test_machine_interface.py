"""encode, decode and logits over JSON lines, against the reference's values."""

import json

import numpy as np
import pytest
from support import MODEL, json_rows, sonarsweep

GOLDEN = json.loads((MODEL / "golden.json").read_text())
CONFIG = json.loads((MODEL / "config.json").read_text())
DIM, VOCABULARY, END = CONFIG["model_dim"], CONFIG["vocab_size"], CONFIG["eos_idx"]
LANGUAGE_TOKENS = {name.strip("_"): token for name, token in CONFIG["language_tokens"].items()}


def source(case):
    """A golden case as a row for encode."""
    for key in ("text", "pieces"):
        if key in case:
            return {key: case[key], "language": case["language"]}
    return {"ids": case["ids"]}


def requests(kind):
    return [(case, language, expected) for case in GOLDEN for language, expected in case.get(kind, {}).items()]


def test_encode():
    answers, code = json_rows("encode", [source(case) for case in GOLDEN])
    assert code == 0
    assert len(answers) == len(GOLDEN) == 43
    for case, answer in zip(GOLDEN, answers):
        assert answer.keys() == {"ids", "embedding"}
        assert answer["ids"] == case["ids"]
        np.testing.assert_allclose(answer["embedding"], case["embedding"], rtol=0, atol=1e-4)


def test_encode_reads_a_file_too(tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"ids": [5197, 75, 3]}\n\n{"ids": [5197, 76, 3]}')
    done = sonarsweep("encode", "--input", rows)
    assert done.returncode == 0
    assert [json.loads(line)["ids"] for line in done.stdout.splitlines()] == [[5197, 75, 3], [5197, 76, 3]]


def test_encode_states():
    cases = [case for case in GOLDEN if len(case["ids"]) < 16]
    answers, code = json_rows("encode", [source(case) for case in cases], "--states")
    assert code == 0
    for case, answer in zip(cases, answers, strict=True):
        states = np.array(answer["states"])
        assert states.shape == (len(case["ids"]), DIM)
        # The embedding is their mean.
        np.testing.assert_allclose(states.mean(axis=0), answer["embedding"], rtol=0, atol=1e-5)
        np.testing.assert_allclose(answer["embedding"], case["embedding"], rtol=0, atol=1e-4)


def test_greedy_decode():
    wanted = requests("greedy")
    answers, code = json_rows("decode", [{"embedding": c["embedding"], "language": l} for c, l, _ in wanted])
    assert code == 0
    for (_, _, expected), answer in zip(wanted, answers, strict=True):
        assert answer.keys() == {"ids", "text", "log_probability"}
        assert answer["ids"] == expected["ids"]
        assert answer["text"] == expected["text"]
        assert answer["log_probability"] == pytest.approx(expected["log_probability"], abs=1e-3)


def test_beam_decode():
    wanted = requests("beam")
    rows = [{"embedding": c["embedding"], "language": l, "beam": 5} for c, l, _ in wanted]
    answers, code = json_rows("decode", rows)
    assert code == 0
    for (_, _, expected), answer in zip(wanted, answers, strict=True):
        found = answer["hypotheses"]
        assert [h["ids"] for h in found] == [h["ids"] for h in expected]
        assert [h["score"] for h in found] == pytest.approx([h["score"] for h in expected], abs=1e-3)
        assert answer["ids"] == found[0]["ids"]


def test_max_tokens_limits_a_decode():
    case = max(GOLDEN, key=lambda case: len(case.get("greedy", {}).get("eng_Latn", {"ids": []})["ids"]))
    row = {"embedding": case["embedding"], "language": "eng_Latn", "max_tokens": 2}
    answers, _ = json_rows("decode", [row, {**row, "beam": 3}])
    assert answers[0]["ids"] == case["greedy"]["eng_Latn"]["ids"][:2]
    assert len(answers[1]["ids"]) == 2
    assert answers[1]["ids"][-1] == END


def test_logits():
    wanted = requests("greedy")[:20]
    rows = [{"embedding": c["embedding"], "ids": [END, LANGUAGE_TOKENS[l]]} for c, l, _ in wanted]
    answers, code = json_rows("logits", rows)
    assert code == 0
    for (_, _, expected), answer in zip(wanted, answers, strict=True):
        assert answer.keys() == {"logits"}
        assert len(answer["logits"]) == VOCABULARY
        assert int(np.argmax(answer["logits"])) == expected["ids"][0]


def test_logits_give_the_greedy_log_probability():
    case, language, expected = requests("greedy")[0]
    prompt = [END, LANGUAGE_TOKENS[language]]
    rows = [{"embedding": case["embedding"], "ids": prompt + expected["ids"][:i]} for i in range(len(expected["ids"]))]
    answers, _ = json_rows("logits", rows)
    total = 0
    for answer, token in zip(answers, expected["ids"], strict=True):
        logits = np.array(answer["logits"], np.float64)
        total += logits[token] - np.logaddexp.reduce(logits)
    assert total == pytest.approx(expected["log_probability"], abs=1e-3)


GOOD_EMBEDDING = GOLDEN[0]["embedding"]
GOOD = {
    "encode": {"text": GOLDEN[0]["text"], "language": GOLDEN[0]["language"]},
    "decode": {"embedding": GOOD_EMBEDDING, "language": "eng_Latn"},
    "logits": {"embedding": GOOD_EMBEDDING, "ids": [END, LANGUAGE_TOKENS["eng_Latn"]]},
}
NOT_A_ROW = ["nonsense", "[]", "3", '{"text": ', "null"]
BAD = {
    "encode": [
        {}, {"text": "a"}, {"text": 5, "language": "eng_Latn"}, {"text": "a", "language": "xxx_Latn"},
        {"text": "a", "pieces": ["a"], "language": "eng_Latn"}, {"pieces": ["dogdogdog"], "language": "eng_Latn"},
        {"pieces": ["\u2581nosuchpiece"], "language": "eng_Latn"}, {"ids": []}, {"ids": [-1]}, {"ids": [VOCABULARY]},
        {"ids": [1.5]}, {"ids": [75] * 515}, {"ids": [10**30]}, *NOT_A_ROW,
    ],
    "decode": [
        {}, {"embedding": GOOD_EMBEDDING}, {"embedding": GOOD_EMBEDDING[1:], "language": "eng_Latn"},
        {"embedding": GOOD_EMBEDDING, "language": "xxx_Latn"}, {"embedding": ["a"] * DIM, "language": "eng_Latn"},
        {"embedding": [1e300] * DIM, "language": "eng_Latn"}, {**GOOD["decode"], "max_tokens": 0},
        {**GOOD["decode"], "max_tokens": 511}, {**GOOD["decode"], "beam": 0}, {**GOOD["decode"], "beam": 65},
        *NOT_A_ROW,
    ],
    "logits": [
        {}, {"embedding": GOOD_EMBEDDING, "ids": []}, {"embedding": GOOD_EMBEDDING[1:], "ids": [END]},
        {"embedding": GOOD_EMBEDDING, "ids": [VOCABULARY]}, {"embedding": GOOD_EMBEDDING, "ids": [END] * 600},
        {"embedding": [1e300] * DIM, "ids": [END]}, *NOT_A_ROW,
    ],
}


@pytest.mark.parametrize("command", BAD)
def test_a_bad_row_gets_an_error_in_its_place(command):
    rows = [row for bad in BAD[command] for row in (bad, GOOD[command])]
    answers, code = json_rows(command, rows)
    assert code == 1
    alone, code = json_rows(command, [GOOD[command]])
    assert code == 0
    assert len(answers) == len(rows)
    assert answers[1::2] == alone * len(BAD[command])
    for row, answer in zip(BAD[command], answers[::2]):
        assert answer.keys() == {"error"}, row
        assert answer["error"], row


@pytest.mark.parametrize("command", GOOD)
def test_nothing_in_gives_nothing_out(command, tmp_path):
    empty = tmp_path / "empty"
    empty.write_text("\n")
    done = sonarsweep(command, "--input", empty)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_order_is_kept_over_many_rows():
    rows = [{"ids": [5197, *range(75, 75 + i % 40), 3]} for i in range(600)]
    answers, code = json_rows("encode", rows)
    assert code == 0
    assert [answer["ids"] for answer in answers] == [row["ids"] for row in rows]
