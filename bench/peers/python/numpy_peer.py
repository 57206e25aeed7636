"""Backpropagation written out with NumPy."""

import numpy
from numpy_dense import Dense
from numpy_recurrent import Recurrent
from serve import CHECKED_STEPS, read_batches, serve


class Prepared:
    def __init__(self, task):
        self.task = task
        self.batches = read_batches(task)
        self.network = Recurrent(task) if "recurrent" in task else Dense(task)
        self.first = [numpy.zeros_like(p) for p in self.network.parameters]
        self.second = [numpy.zeros_like(p) for p in self.network.parameters]
        self.time = 0

    def check(self):
        if self.task["kind"] == "predict":
            return self.network.predict(self.batches[0][0]).ravel()
        return [self.step(*self.batches[i % len(self.batches)], True) for i in range(CHECKED_STEPS)]

    def run(self, times):
        for _ in range(times):
            if self.task["kind"] == "predict":
                self.network.predict(self.batches[0][0])
            else:
                for x, y in self.batches:
                    self.step(x, y)

    def step(self, x, y, wants_cost=False):
        gradients, cost = self.network.gradients(x, y, wants_cost)
        self.update(self.network.parameters, gradients)
        return cost

    def update(self, parameters, gradients):
        optimizer = self.task["optimizer"]
        rate = optimizer["learningRate"]
        self.time += 1
        for p, g, m, v in zip(parameters, gradients, self.first, self.second):
            if optimizer["kind"] == "sgd":
                p -= rate * g
            elif optimizer["kind"] == "momentum":
                m *= optimizer["momentum"]
                m += g
                p -= rate * m
            else:
                beta1, beta2 = optimizer["beta1"], optimizer["beta2"]
                m *= beta1
                m += (1 - beta1) * g
                v *= beta2
                v += (1 - beta2) * (g * g)
                root = numpy.sqrt(v / (1 - beta2**self.time)) + optimizer["epsilon"]
                p -= (rate / (1 - beta1**self.time)) * m / root


serve(numpy.__version__, "backpropagation written out, through time too; arrays updated in place", Prepared)
