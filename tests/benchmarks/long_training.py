"""How long ten thousand proven updates take: every rule, with one sample and with four in batches.

    python tests/benchmarks/long_training.py [UPDATES] [RULE]

A network of 2-2-2 sigmoid units. Each row says the seconds of the processor, the
bits that the values were known from, and one of them. RULE is a part of a rule's
own words: adam, momentum.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

LAYERS = (
    ([["0.15", "0.2"], ["0.25", "0.3"]], ["0.35", "0.35"]),
    ([["0.4", "0.45"], ["0.5", "0.55"]], ["0.6", "0.6"]),
)
X = [["0.05", "0.1"], ["0.5", "-0.3"], ["-0.7", "0.9"], ["0.8", "0.6"]]
Y = [["0.01", "0.99"], ["0.4", "0.2"], ["0.9", "0.6"], ["0.3", "0.7"]]
RULES = (
    {"rule": "gradient_descent"},
    {"rule": "momentum"},
    {"rule": "momentum", "convention": "averaged"},
    {"rule": "adam"},
    {"rule": "adam", "epsilon_place": "inside"},
)
READ = ((1, "all"), (4, "online"), (4, 2), (4, "all"))


def problem_of(rule, samples, batch):
    """Rates as they are usual: 0.5, and 0.01 for Adam."""
    from derive import load_problem

    layers = [{"units": 2, "activation": "sigmoid", "weights": w, "biases": b} for w, b in LAYERS]
    training = {"rate": "0.01" if rule["rule"] == "adam" else "0.5", **rule}
    if batch != "all":
        training["batch"] = batch
    return load_problem(
        {
            "network": {"inputs": 2, "cost": "half_squared_error", "layers": layers},
            "data": {"x": X[:samples], "y": Y[:samples]},
            "training": training,
        }
    )


def main(updates, chosen):
    from numeric.balls.enclosure import enclosure
    from numeric.balls.training import follow

    print(f"{'rule':<28}{'samples':>8}{'batch':>8}{'seconds':>9}{'bits':>7}  w1[1,1]")
    for rule in RULES:
        words = " ".join(rule.values())
        if chosen not in words:
            continue
        for samples, batch in READ:
            problem = problem_of(rule, samples, batch)
            began = time.process_time()
            state = follow(problem, [updates]).states.get(updates)
            taken = time.process_time() - began
            known = (state.bits, enclosure(state.values["w1[1,1]"]).text()) if state else ("", "not enclosed")
            print(f"{words:<28}{samples:>8}{batch:>8}{taken:>9.2f}{known[0]:>7}  {known[1]}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, sys.argv[2] if len(sys.argv) > 2 else "")
