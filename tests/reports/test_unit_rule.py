"""One rule for every unit, and one product: from the problem's own layers, checked by number."""

from __future__ import annotations

from derive import load_problem
from derive.writing.plain import plain
from numeric import verify
from reports.content.compose import compose
from reports.content.page import Chain, Paragraph

NETWORK = {
    "network": {
        "inputs": 2,
        "cost": "half_squared_error",
        "layers": [
            {"units": 3, "activation": "tanh", "weights": [["0.1", "-0.7"], ["0.4", "0.2"], ["1", "0.3"]]},
            {"units": 2, "activation": "sigmoid", "weights": [["0.5", "0.6", "-1"], ["1.1", "0.8", "0.9"]]},
        ],
    },
    "data": {"x": [["0.5", "-1.2"]], "y": [["0.1", "0.9"]]},
}
for layer in NETWORK["network"]["layers"]:
    layer["biases"] = False


def section(source):
    problem = load_problem(source)
    found = [part for part in compose(problem, verify(problem)).sections if part.id == "unit-rule"]
    return found[0].blocks if found else ()


def test_the_rule_has_a_case_for_output_units_and_one_for_hidden_ones():
    """As books state it, with this network's own cost and activations."""
    chains = [block for block in section(NETWORK) if isinstance(block, Chain)]
    rule = plain(chains[0].pieces[1].body)
    assert "(a_j − y_j)·σ′(z_j) if j is an output unit" in rule
    assert "tanh′(z_j)·Σ_k" in rule


def test_the_product_is_multiplied_out_and_compared():
    """Said only where the factors come to the scalar derivative."""
    words = [block.words for block in section(NETWORK) if isinstance(block, Paragraph)]
    assert "30 digits or exactly" in str(words[-1])


def test_of_several_samples_with_an_l2_term_it_is_one_sample_s():
    """The cost has its mark, and the words say what is added."""
    source = {
        **NETWORK,
        "network": {**NETWORK["network"], "reduction": "mean", "l2": "0.1"},
        "data": {"x": [["0.5", "-1.2"], ["0.3", "1"]], "y": [["0.1", "0.9"], ["1", "0"]]},
    }
    blocks = section(source)
    rule, product = (block for block in blocks if isinstance(block, Chain))
    assert plain(product.pieces[0].body) == "∂C^(i)/∂W¹"
    assert "(a_j − y_j)·σ′(z_j) if j is an output unit" in plain(rule.pieces[1].body)
    words = str([block.words for block in blocks if isinstance(block, Paragraph)])
    assert "the sum over the samples and the L2 term are added as above" in words
    assert "30 digits or exactly" in words


def test_a_single_layer_has_neither():
    """There is nothing to carry back."""
    source = {
        **NETWORK,
        "network": {**NETWORK["network"], "inputs": 3, "layers": NETWORK["network"]["layers"][1:]},
        "data": {"x": [["0.5", "-1.2", "0.3"]], "y": [["0.1", "0.9"]]},
    }
    assert section(source) == ()
