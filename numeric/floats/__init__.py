"""Two witnesses in float64: backpropagation and finite differences, each with the error it can claim."""
