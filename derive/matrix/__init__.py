"""Whole layers at once: a problem's steps as equations of matrices, and their reverse sweep.

    Z = W A + b 1^T        dZ = dW A + W dA + db 1^T
    Delta = dC/dZ          dC/dW = Delta A^T,  dC/dA = W^T Delta,  dC/db = Delta 1

A matrix-valued step is differentiated by its differential: a sum of linear maps
applied to the differentials of what it reads. The adjoint of each map carries
the gradient back. Its cost does not depend on how wide a layer is.

Source: Magnus and Neudecker (2019), Matrix Differential Calculus, ch. 5 and 9.
"""
