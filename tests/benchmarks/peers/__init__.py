"""Ours beside the checkers and gradient engines that people use, in one run.

    python -m tests.benchmarks.peers [--json FILE] [--only NAMES] [--quick]

Every checker is asked one question: here is somebody's gradient of this cost, is it
right? And every engine: what is the gradient? Graders are asked of formulas and numbers
that students send whether they are right. Prints six tables:

    time       processor time of a check of every gradient entry, small and large networks
    accuracy   the worst relative error of an entry against mpmath, on networks that are hard
    detection  planted faults that are refused, and right gradients that are
    growth     how the time of ours grows with width and depth
    cold       the command `verify` in a new process
    answers    processor time of an answer, and who is wrong on which

PyTorch, JAX, autograd, SciPy, numdifftools and CasADi, and of graders Math-Verify
(math-verify[antlr4_13_2]) and mitx-grading-library (its folders mitxgraders and voluptuous
on PYTHONPATH) are compared with where they are installed, and a line says which are not.
All work in float64 on one thread of one process; that has to be said before NumPy is
loaded, so it is said here.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "1"
