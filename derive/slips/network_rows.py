"""The rows of a network's slips: the four equations of backpropagation, factor by factor, and the L2 term."""

from __future__ import annotations

import sympy as sp

from derive.rules.kinds import A
from derive.slips import networks as at
from derive.slips.changes import alone, bare, dropped, kept, role, scaled, where
from derive.slips.kinds import EVERYWHERE, LAYER, LINE, TERM, Mistake

HALF = sp.Rational(1, 2)
WHOLE = (EVERYWHERE,)
PARTS = (EVERYWHERE, LAYER)
LINES = (EVERYWHERE, LAYER, LINE)
SINGLE = (TERM,)

at_cost = where(at.at_cost)
slopes = where(at.own_function)
output_slopes = where(at.own_function, at.in_output_layer)
hidden_slopes = where(at.own_function, at.in_hidden_layer)
carried_back = where(role("weight"))
of_weights = where(at.of_weight)
of_biases = where(at.of_bias)
of_parameters = where(role("input"))
decay = where(role("decay"))
several_routes = where(at.routes)
uses = where(at.of_parameter_use)

HALVED = ("half_squared_error", "half_mean_squared_error")
WHOLE_SQUARES = ("squared_error", "mean_squared_error")
SQUARED = HALVED + WHOLE_SQUARES
MEANS = ("mean_squared_error", "half_mean_squared_error")

FOUR_EQUATIONS = (
    Mistake(
        name="sign",
        text="The sign is turned.",
        here="The sign of the cost's slope was turned in {line}.",
        change=at_cost(scaled(sp.Integer(-1))),
        fits=dict.fromkeys(
            SQUARED, "The sign is turned; the slope of a squared error has a - y in it, not y - a."
        ),
    ),
    Mistake(
        name="factor 2",
        text="There is a factor 2 too many.",
        here="There is a factor 2 too many in {line}.",
        change=at_cost(scaled(sp.Integer(2))),
        fits=dict.fromkeys(
            HALVED, "There is a factor 2 too many; in the slope of 1/2 (y - a)^2 the half cancels it."
        ),
    ),
    Mistake(
        name="factor 1/2",
        text="A factor 2 is missing.",
        here="A factor 2 is missing in {line}.",
        change=at_cost(scaled(HALF)),
        fits=dict.fromkeys(WHOLE_SQUARES, "A factor 2 is missing; the derivative of (y - a)^2 is 2(a - y).")
        | dict.fromkeys(HALVED, "There is a half too many; the derivative of 1/2 (y - a)^2 is a - y."),
    ),
    Mistake(
        name="missing 1/n",
        text="The cost is a mean over n samples; the 1/n is missing.",
        here="A 1/n is missing in {line}.",
        change=at_cost(at.by_samples(1)),
        grains=WHOLE,
        fits={"sum": "There is a factor n too many; the cost is a sum over the n samples."},
    ),
    Mistake(
        name="extra 1/n",
        text="The cost is a sum over samples; here it was divided by their number.",
        here="There is a 1/n too many in {line}.",
        change=at_cost(at.by_samples(-1)),
        grains=WHOLE,
        fits={"mean": "There is a 1/n too many: what is derived from the mean holds it already."},
    ),
    Mistake(
        name="missing output slope",
        text="phi'(z) of the output layer is missing: delta = dC/da * phi'(z).",
        here="{factor} was left out of {line}.",
        change=output_slopes(bare),
    ),
    Mistake(
        name="missing hidden slope",
        text="phi'(z) of a hidden layer is missing: delta = (W^T delta) * phi'(z).",
        here="{factor} was left out of {line}.",
        change=hidden_slopes(bare),
    ),
    Mistake(
        name="missing transpose",
        text="The error was carried back by W; it is the transpose of W that carries it back.",
        here="{factor} was read with its indices exchanged in {line}.",
        change=where(role("weight", "local"))(at.transposed),
    ),
    Mistake(
        name="wrong layer",
        text="This gradient was taken with the layer's own output; it is delta times its input.",
        here="The layer's own output stands in place of {factor} in {line}.",
        change=of_weights(at.own_output),
    ),
    Mistake(
        name="only one route",
        text="Only the last route was kept; where a unit feeds several, the routes are added.",
        here="Only the last route was kept in {line}.",
        change=several_routes(kept(lambda _, place: place.number == place.terms - 1)),
        grains=LINES,
    ),
    Mistake(
        name="bias for weight gradient",
        text="This is the bias's gradient; a weight's is that times its input.",
        here="{factor} was left out of {line}, as if this were a bias.",
        change=of_weights(bare),
    ),
)
"""The commonest; their names are older than the rest of the table."""

COST_SLOPES = (
    Mistake(
        name="missing 1/K",
        text="The cost is a mean over the K outputs; the 1/K is missing.",
        here="A 1/K is missing in {line}.",
        change=at_cost(at.by_outputs(1)),
        grains=WHOLE,
    ),
    Mistake(
        name="extra 1/K",
        text="The cost is a sum over the outputs; here it was divided by their number.",
        here="There is a 1/K too many in {line}.",
        change=at_cost(at.by_outputs(-1)),
        grains=WHOLE,
        fits=dict.fromkeys(
            MEANS, "There is a 1/K too many: what is derived from the mean over the outputs holds it already."
        ),
    ),
    Mistake(
        name="cost for its slope",
        text="The cost itself stands where its derivative by a belongs.",
        here="The cost itself stands for {line}.",
        change=where(role("cost"))(at.value),
    ),
    Mistake(
        name="missing cost slope",
        text="The cost's slope is missing: delta of the output layer is dC/da * phi'(z).",
        here="The cost's slope was left out of {line}.",
        change=where(role("cost"))(bare),
    ),
    Mistake(
        name="target and output exchanged",
        text="Target and output were exchanged in the cost's slope.",
        here="Target and output were exchanged in {line}.",
        change=where(role("cost"))(at.exchanged),
    ),
    Mistake(
        name="target left out",
        text="The target was left out: the error is a - y, not a.",
        here="The target was left out of {line}.",
        change=where(role("cost"))(at.without_target),
    ),
)

SLOPES = (
    Mistake(
        name="phi for phi'",
        text="The activation itself stands where its derivative phi'(z) belongs.",
        here="The activation stands in place of {factor} in {line}.",
        change=slopes(at.value),
    ),
    Mistake(
        name="slope at the activation",
        text="phi' was taken at a; it is taken at z: phi'(z), not phi'(phi(z)).",
        here="{factor} was taken at the activation in {line}.",
        change=slopes(at.at_activation),
    ),
    Mistake(
        name="slope in z instead of a",
        text="a(1 - a) and 1 - a^2 are in the activation; here the weighted input z was put in.",
        here="The weighted input was put where the activation belongs in {factor}, in {line}.",
        change=slopes(at.of_weighted_input),
    ),
    Mistake(
        name="slope taken twice",
        text="phi'(z) was multiplied in twice; where the cost cancels it, as in a - y, it is in already.",
        here="{factor} was multiplied in twice in {line}.",
        change=where(role("activation"))(at.twice),
    ),
    Mistake(
        name="slope of the layer above",
        text="phi' was taken at the layer above; delta of a layer has phi' at its own z.",
        here="{factor} was taken at the layer above in {line}.",
        change=slopes(at.slope_of_layer(1)),
    ),
    Mistake(
        name="slope of the layer below",
        text="phi' was taken at the layer below; delta of a layer has phi' at its own z.",
        here="{factor} was taken at the layer below in {line}.",
        change=slopes(at.slope_of_layer(-1)),
    ),
    Mistake(
        name="sigmoid's slope",
        text="a(1 - a) is the sigmoid's slope; this layer has another activation.",
        here="The sigmoid's slope stands in place of {factor} in {line}.",
        change=slopes(at.slope_of("sigmoid", A * (1 - A))),
    ),
    Mistake(
        name="tanh's slope",
        text="1 - a^2 is tanh's slope; this layer has another activation.",
        here="tanh's slope stands in place of {factor} in {line}.",
        change=slopes(at.slope_of("tanh", 1 - A**2)),
    ),
    Mistake(
        name="1 - a for the slope",
        text="The slope is a(1 - a) of a sigmoid and 1 - a^2 of tanh; 1 - a is neither.",
        here="1 - a stands in place of {factor} in {line}.",
        change=slopes(at.one_minus),
    ),
    Mistake(
        name="diagonal of the softmax only",
        text="Every output of a softmax depends on every z: besides a(1 - a) there are the terms -a_j a_k.",
        here="Only the unit's own output was differentiated in {line}.",
        change=where(at.couples)(kept(lambda _, place: place.use.position == 0)),
        grains=LINES,
    ),
    Mistake(
        name="dot product for the entrywise one",
        text="delta = dC/da times phi'(z) entry by entry; here the products were added up over the layer.",
        here="The products of the whole layer were added up in {line}.",
        change=slopes(at.dot_product),
        grains=PARTS,
    ),
)

CARRIED_BACK = (
    Mistake(
        name="missing weight",
        text="The error was carried back without the weights: dC/da = W^T delta.",
        here="{factor} was left out of {line}.",
        change=carried_back(bare),
    ),
    Mistake(
        name="weights of the layer below",
        text="The error was carried back by the wrong weights: those of the layer above belong here.",
        here="The layer's own weight stands in place of {factor} in {line}.",
        change=carried_back(at.weights_of_layer(-1)),
    ),
    Mistake(
        name="error without its slope",
        text="dC/da of the layer above was carried back; it is its delta = dC/da * phi'(z) that is.",
        here="The error above was taken without its phi' in {line}.",
        change=carried_back(at.error_of("a")),
    ),
    Mistake(
        name="delta of two layers above",
        text="The error of the layer after the next was carried back; it is that of the next.",
        here="The error was taken from the layer after the next in {line}.",
        change=carried_back(at.error_of("z", 1)),
    ),
    Mistake(
        name="first route only",
        text="Only the first route was kept; where a quantity feeds several steps, the routes are added.",
        here="Only the first route was kept in {line}.",
        change=several_routes(kept(lambda _, place: place.number == 0)),
        grains=LINES,
    ),
    Mistake(
        name="routes averaged",
        text="The routes were averaged; they are added.",
        here="The routes were averaged in {line}.",
        change=several_routes(at.averaged),
        grains=LINES,
    ),
    Mistake(
        name="diagonal of the weights only",
        text="Each unit was joined to the one of its own number only; W^T delta adds over all units.",
        here="Only the unit of the same number was counted in {line}.",
        change=carried_back(kept(at.is_entrywise)),
        grains=LINES,
    ),
    Mistake(
        name="one route left out",
        text="One route was left out; where a quantity feeds several steps, the routes are added.",
        here="The route over {step} was left out of {line}.",
        change=several_routes(at.one_of_several),
        grains=SINGLE,
    ),
)

PARAMETERS = (
    Mistake(
        name="transposed",
        text="The array is the transpose of the gradient, which has the shape of what it is taken by.",
        here="The indices were exchanged in {line}.",
        change=of_weights(at.indices_exchanged),
    ),
    Mistake(
        name="input for weight gradient",
        text="This is the weight's input alone; its gradient is delta times that.",
        here="The error was left out of {line}.",
        change=of_weights(alone),
    ),
    Mistake(
        name="z for a in the weight gradient",
        text="The weight's input is the activation below it, not the weighted input z.",
        here="The weighted input stands in place of {factor} in {line}.",
        change=of_weights(at.weighted_input),
    ),
    Mistake(
        name="parameter for its input",
        text="delta was multiplied by the parameter itself; what belongs there is the parameter's input.",
        here="The parameter itself stands in place of its input in {line}.",
        change=of_parameters(at.parameter_itself),
    ),
    Mistake(
        name="weight for bias gradient",
        text="This is the weight's gradient; a bias's is delta alone.",
        here="delta was multiplied by the layer's input in {line}.",
        change=of_biases(at.weight_for_bias),
    ),
    Mistake(
        name="dC/da for delta",
        text="This was taken with dC/da; it is taken with delta = dC/da * phi'(z).",
        here="The error was taken without its phi' in {line}.",
        change=of_parameters(at.error_of("a")),
    ),
    Mistake(
        name="delta of the layer above",
        text="This was taken with the delta of the layer above; it is taken with the layer's own.",
        here="The error was taken from the layer above in {line}.",
        change=of_parameters(at.error_of("z", 1)),
    ),
    Mistake(
        name="delta of the layer below",
        text="This was taken with the delta of the layer below; it is taken with the layer's own.",
        here="The error was taken from the layer below in {line}.",
        change=of_parameters(at.error_of("z", -1)),
    ),
    Mistake(
        name="first sample only",
        text="Only the first sample was counted; the gradient adds over all samples.",
        here="Only the first sample was counted in {line}.",
        change=of_parameters(at.only_sample(0)),
        grains=LINES,
    ),
    Mistake(
        name="last sample only",
        text="Only the last sample was counted; the gradient adds over all samples.",
        here="Only the last sample was counted in {line}.",
        change=of_parameters(at.only_sample(-1)),
        grains=LINES,
    ),
    Mistake(
        name="a sample forgotten",
        text="The gradient adds over all samples.",
        here="Sample {sample} was left out of {line}.",
        change=of_parameters(at.forgotten),
        grains=SINGLE,
    ),
    Mistake(
        name="last use only",
        text="Only the last use of a shared parameter was counted; its gradient adds over all uses.",
        here="Only the last use was counted in {line}.",
        change=uses(kept(lambda _, place: place.number == place.terms - 1)),
        grains=LINES,
    ),
    Mistake(
        name="first use only",
        text="Only the first use of a shared parameter was counted; its gradient adds over all uses.",
        here="Only the first use was counted in {line}.",
        change=uses(kept(lambda _, place: place.number == 0)),
        grains=LINES,
    ),
    Mistake(
        name="uses averaged",
        text="The uses of a shared parameter were averaged; they are added.",
        here="The uses were averaged in {line}.",
        change=uses(at.averaged),
        grains=LINES,
    ),
)

DECAY = (
    Mistake(
        name="missing L2 term",
        text="The L2 term was left out: it adds lambda/n times the weight.",
        here="The L2 term was left out of {line}.",
        change=decay(dropped),
    ),
    Mistake(
        name="L2 without 1/n",
        text="The L2 term is lambda/n times the weight; the 1/n is missing.",
        here="The 1/n of the L2 term is missing in {line}.",
        change=decay(at.by_all_samples(1)),
        grains=WHOLE,
    ),
    Mistake(
        name="L2 term halved",
        text="The derivative of lambda/(2n) w^2 is lambda/n w; its half was added.",
        here="Half the L2 term was added in {line}.",
        change=decay(scaled(HALF)),
        grains=WHOLE,
    ),
    Mistake(
        name="L2 term doubled",
        text="The derivative of lambda/(2n) w^2 is lambda/n w; its double was added.",
        here="Twice the L2 term was added in {line}.",
        change=decay(scaled(sp.Integer(2))),
        grains=WHOLE,
    ),
    Mistake(
        name="sign of the L2 term",
        text="The L2 term was subtracted; it is added to the gradient.",
        here="The L2 term was subtracted in {line}.",
        change=decay(scaled(sp.Integer(-1))),
        grains=WHOLE,
    ),
    Mistake(
        name="L2 term on a bias",
        text="The L2 term adds lambda/n times each weight; biases have none.",
        here="An L2 term was added in {line}.",
        change=at.decayed_bias,
        grains=WHOLE,
    ),
)

NETWORKS = (*FOUR_EQUATIONS, *COST_SLOPES, *SLOPES, *CARRIED_BACK, *PARAMETERS, *DECAY)
