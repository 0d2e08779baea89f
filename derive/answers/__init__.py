r"""Answers: the notation that people write, read as nodes in a problem's quantities.

    reading = read_answer(problem, r"\delta^2 (a^1)^T", ask="dC/dW2")
    reading.readings    one, or each way in which the text can be meant: `Understood`
    reading.latex       what was understood, in the problem's own letters

`lexemes` makes LaTeX, Python and Unicode one sequence of words and signs; `vocabulary`
and `letters` know what each word is in the problem; `tagging` makes tokens of them for
the grammar of derive.formula, which files share; `arithmetic`, of numbers alone, and `shapes`
settle which product each product is; `instances` puts numbers for running letters.

What a decider meets in `Understood.links`, once shapes are settled (`mistake` is None):

Letter       a quantity. With indices, or without any where its shape is (), it is one number, whose
             canonical name is `key`: w2[1,2], z2[1]@3, C, n, eta. `quantity_of` gives its `Quantity`: of
             delta2[1] that is dC/dz2[1]. Otherwise it is a whole array: W2 is (n2, n1), a2 a column, A2 a
             batch; where notation.samples is "rows", the transposes. Without a sample it is any sample's.
             With a prime it is its value after one update.
Slope        the total derivative of a quantity, or of a formula, by letters; by an array an array of its
             shape (transposed for layout "numerator"), and of a column by a column the Jacobian, a row
             for each entry of the column above.
Activation   φ of a layer, or φ′, φ″, entry by entry; layer None is the φ that all layers but identity share.
Unspecified  a graph's own function, or with order ≥ 1 the derivative of a named operation: sigmoid'.
Sum          over a running letter; `range_of` gives the numbers. A lower limit of 0 is read as it stands.
Matrix       written out entry by entry; a flat list is a column.
Index        a running letter as a number, in [j = k].
Apply        multiply: one of the two is a number. hadamard: entry by entry, sizes of 1 stretching.
             matmul: columns and matrices. cases: value, condition, …, value otherwise; without a last value
             it is undefined elsewhere. less, greater, equal, both, …: 1 where they hold, else 0.
             norm is Euclidean. sum, mean and var of a network keep their axis. Others by their name.

Running letters are kept in equations only ("equation" is the form of a claim about every network):
`Reading.letters` has them, `instantiate` puts numbers for l, L and j.
"""

from derive.answers.instances import MOST_PARTS, instantiate, open_letters, range_of
from derive.answers.keys import quantity_of
from derive.answers.read import Reader, Reading, Understood, about_sides, read_answer, reshaped, same_shape
from derive.answers.samples import exchanged
from derive.answers.shaped import TooManyIndicesError
from derive.answers.shapes import Shaper

__all__ = [
    "MOST_PARTS",
    "Reader",
    "Reading",
    "Shaper",
    "TooManyIndicesError",
    "Understood",
    "about_sides",
    "exchanged",
    "instantiate",
    "open_letters",
    "quantity_of",
    "range_of",
    "read_answer",
    "reshaped",
    "same_shape",
]
