"""What other programs call the things of a problem file, and what they are called here.

Words are compared without case, signs and a closing `loss`: BCELoss, bce_loss
and bce are one word, and ReLU is our relu.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from derive.errors import nearest


@dataclass(frozen=True, slots=True)
class Ours:
    """The name that something has here, and how what is called so differs; `note` may be empty."""

    name: str
    note: str = ""

    @property
    def asked(self) -> str:
        """`; did you mean 'sigmoid'?`"""
        return f"; did you mean '{self.name}'?"


Words = Mapping[str, Ours]
"""By a word as `bare` leaves it."""


def bare(word: str) -> str:
    """A word without case and signs."""
    return "".join(sign for sign in word.casefold() if sign.isalnum())


def same(word: str, known: Iterable[str], elsewhere: Words) -> Ours | None:
    """One of ours in another spelling, or what another program's word is here."""
    ours = {bare(name): Ours(name) for name in known}
    words = (bare(word), bare(word).removesuffix("loss"))
    return next((table[form] for table in (elsewhere, ours) for form in words if form in table), None)


def meant(word: str, known: Iterable[str], elsewhere: Words) -> Ours | None:
    """The same under another name, else a near word of ours."""
    names = list(known)
    near = nearest(word, names)
    return same(word, names, elsewhere) or (Ours(near) if near else None)


def _words(*rows: tuple[str, str] | tuple[str, str, str]) -> Words:
    """Rows of (our name, others' words for it, note)."""
    return MappingProxyType(
        {word: Ours(name, *note) for name, words, *note in rows for word in words.split()}
    )


_SQUARES = (
    "it is the mean over outputs; the sum is squared_error, half of it half_squared_error;"
    ' over samples: reduction = "mean"'
)
_LOGITS = "cross_entropy reads probabilities, as of softmax; cross_entropy_on_logits (PyTorch's) reads the z"
_ABSOLUTE = 'absolute_error is the sum over the outputs; the mean of two is "abs(y - a)/2"'

COST_WORDS = _words(
    ("mean_squared_error", "mse meansquareerror l2", _SQUARES),
    (
        "squared_error",
        "sse sumsquarederror sumofsquarederrors sumofsquares rss",
        "squared_error is the sum of (y - a)^2 over the outputs",
    ),
    ("half_squared_error", "quadratic halfmse", "half_mean_squared_error is its mean over the outputs"),
    ("absolute_error", "mae meanabsoluteerror l1", _ABSOLUTE),
    ("huber", "smoothl1", "smooth_l1 is huber with delta = 1"),
    (
        "binary_cross_entropy",
        "bce binarycrossentropy logistic log",
        "it reads probabilities, as of sigmoid; on a logit: binary_cross_entropy_on_logits",
    ),
    ("binary_cross_entropy_on_logits", "bcewithlogits binarycrossentropywithlogits sigmoidcrossentropy"),
    (
        "cross_entropy",
        "ce crossentropy categoricalcrossentropy sparsecategoricalcrossentropy softmaxcrossentropy xent cce",
        _LOGITS,
    ),
    (
        "cross_entropy",
        "nll negativeloglikelihood",
        'cross_entropy takes the log of probabilities itself; after log_softmax write cost = "-y*a"',
    ),
    ("kullback_leibler", "kl kld kldiv kldivergence kullbackleiblerdivergence"),
    ("poisson", "poissonnll"),
)

ACTIVATION_WORDS = _words(
    ("identity", "linear none id purelin nothing"),
    ("sigmoid", "logistic sigm sig expit logsig"),
    ("tanh", "tansig hyperbolictangent"),
    ("relu", "rectifier rectifiedlinear rectifiedlinearunit"),
    ("relu", "relu6", 'relu6 is the formula "min(max(z, 0), 6)"'),
    ("silu", "mish", 'mish is the formula "z*tanh(softplus(z))"'),
    ("leaky_relu", "lrelu leaky prelu", 'alpha is set so: {rule = "leaky_relu", alpha = 0.1}'),
    ("step", "heaviside threshold hardlim binarystep unitstep"),
)

UPDATE_WORDS = _words(
    (
        "gradient_descent",
        "sgd gd gradient stochasticgradientdescent batchgradientdescent vanilla backpropagation backprop",
        'the samples of an update are set by batch: "all", "online" (one at a time), or a number',
    ),
    ("momentum", "sgdmomentum heavyball"),
    (
        "momentum",
        "nesterov nag nesterovmomentum nesterovaccelerated nesterovacceleratedgradient sgdnesterov",
        "Nesterov's takes the gradient at a point ahead; momentum here takes it where the weights are",
    ),
    ("adam", "adamw", "without weight decay; l2 in [network] is a term of the cost"),
    (
        "adam",
        "rmsprop",
        "rmsprop is adam with beta1 = 0, but for the division by 1 - beta2^t, which is near 1 later",
    ),
    (
        "adam",
        "adagrad adadelta nadam adamax amsgrad radam",
        "there is no such rule here; of those that divide by past gradients there is adam alone",
    ),
)

ABSENT: Mapping[str, str] = MappingProxyType(
    {
        word: note
        for words, note in (
            (
                "dropout dropoutrate pdrop",
                "nothing is left out at random here; in a [graph] a mask of your own is a step, D = M*A",
            ),
            (
                "batchnorm batchnormalization bn layernorm layernormalization normalization norm",
                "a layer has none; write it as a [graph], as the examples batch-norm and layer-norm do",
            ),
            (
                "schedule scheduler lrschedule lrscheduler lrdecay decay ratedecay decayrate warmup",
                "the rate is one number for all updates; leave the key out",
            ),
            (
                "clip clipnorm clipvalue gradientclipping gradclip maxnorm",
                "gradients are not clipped here; leave the key out",
            ),
        )
        for word in words.split()
    }
)
"""Others' keys for which there is nothing here, and what to do instead."""

_PER_EPOCH = 'steps counts updates: an epoch is one with batch = "all", else one for each of its batches'
_FROM_DECAY = "the cost gains λ/(2n) Σ w² over n samples"

KEY_WORDS: Mapping[tuple[str, ...], Words] = MappingProxyType(
    {
        (): _words(
            ("title", "name heading"),
            ("source", "author reference url origin"),
            ("network", "net model neuralnetwork nn architecture"),
            ("graph", "computationalgraph expression"),
            ("values", "params parameters given constants numbers weights biases"),
            ("data", "dataset samples trainingdata"),
            ("training", "train optimizer optimiser optimization learning"),
            ("published", "figures expected results printed"),
            ("questions", "homework exercises tasks exercise"),
        ),
        ("network",): _words(
            ("inputs", "nin ninputs numinputs inputsize inputdim inputshape features infeatures"),
            ("layers", "layer hidden hiddenlayers hiddenlayer"),
            ("cost", "loss lossfunction costfunction objective criterion error errorfunction lossfn"),
            ("l2", "lambda weightdecay regularization regularisation lambd reg", _FROM_DECAY),
            ("reduction", "average aggregation"),
        ),
        ("network", "layers"): _words(
            ("units", "neurons nodes size width neuron nunits noutputs outputs outfeatures outputsize dim"),
            ("activation", "activationfunction act function nonlinearity transfer phi sigma f"),
            ("weights", "w weight kernel weightmatrix theta matrix"),
            ("biases", "b bias offsets intercept usebias", "a list, or false for none"),
            ("frozen", "trainable fixed freeze", "frozen = true is for what is not trained"),
        ),
        ("graph",): _words(
            ("steps", "nodes assignments equations formulas operations"),
            ("output", "outputs loss cost objective result"),
            ("wrt", "variables inputs parameters by withrespectto"),
        ),
        ("data",): _words(
            ("x", "input samples features xtrain", "inputs is the columns of a CSV file"),
            ("y", "target output outputs t ytrain", "targets is the columns of a CSV file"),
            ("csv", "file path filename"),
            ("test", "xtest tests"),
        ),
        ("training",): _words(
            ("rate", "lr learningrate alpha eta stepsize learnrate"),
            ("steps", "epochs epoch", _PER_EPOCH),
            ("steps", "iterations iteration niter iters maxiter updates numsteps nsteps"),
            ("rule", "optimizer optimiser method algorithm"),
            ("batch", "batchsize minibatch minibatchsize"),
            ("seed", "shuffle randomstate randomseed", "a whole number, by which samples are shuffled"),
            ("momentum", "mu"),
            ("beta1", "betas", "beta1 = 0.9 and beta2 = 0.999"),
            ("epsilon", "eps"),
        ),
        ("published",): _words(
            ("quantity", "name of what ask"),
            ("value", "figure number printed result"),
            ("after", "step steps iteration epoch updates"),
        ),
        ("questions",): _words(
            ("ask", "question quantity what text"),
            ("id", "name number key"),
            ("form", "type kind"),
            ("points", "marks score credit"),
            ("tolerance", "tol rtol"),
        ),
    }
)
"""By table: others' words for our keys."""

CHOICE_WORDS: Mapping[tuple[str, ...], Words] = MappingProxyType(
    {
        ("training", "rule"): UPDATE_WORDS,
        ("network", "reduction"): _words(("mean", "average avg batchmean"), ("sum", "total")),
    }
)
"""By field: others' words for what may be chosen there."""
