"""Backpropagation written out with NumPy."""

import numpy
from serve import CHECKED_STEPS, read_batches, read_parameters, serve


class Prepared:
    def __init__(self, task):
        self.task = task
        self.batches = read_batches(task)
        self.weights = [weights.T.copy() for weights, _ in read_parameters(task)]
        self.biases = [bias for _, bias in read_parameters(task)]
        parameters = self.weights + self.biases
        self.first = [numpy.zeros_like(p) for p in parameters]
        self.second = [numpy.zeros_like(p) for p in parameters]
        self.time = 0

    def check(self):
        if self.task["kind"] == "predict":
            return self.forward(self.batches[0][0])[-1].ravel()
        return [self.step(*self.batches[i % len(self.batches)], True) for i in range(CHECKED_STEPS)]

    def run(self, times):
        for _ in range(times):
            if self.task["kind"] == "predict":
                self.forward(self.batches[0][0])
            else:
                for x, y in self.batches:
                    self.step(x, y)

    def forward(self, x):
        """The activations of every layer, the input first."""
        activations = [x]
        for layer, (weights, bias) in enumerate(zip(self.weights, self.biases)):
            z = activations[-1] @ weights + bias
            if self.task["formula"] == "quadratic":
                activations.append(1 / (1 + numpy.exp(-z)))
            elif layer < len(self.weights) - 1:
                activations.append(numpy.maximum(z, 0))
            else:
                e = numpy.exp(z - z.max(axis=1, keepdims=True))
                activations.append(e / e.sum(axis=1, keepdims=True))
        return activations

    def step(self, x, y, wants_cost=False):
        activations = self.forward(x)
        output, rows = activations[-1], len(x)
        is_quadratic = self.task["formula"] == "quadratic"
        cost = None
        if wants_cost:
            each = 0.5 * (output - y) ** 2 if is_quadratic else -y * numpy.log(output)
            cost = each.sum() / rows
        delta = (output - y) / numpy.float32(rows)
        if is_quadratic:
            delta *= output * (1 - output)
        gradients = [None] * (2 * len(self.weights))
        for layer in reversed(range(len(self.weights))):
            below = activations[layer]
            gradients[layer] = below.T @ delta
            gradients[len(self.weights) + layer] = delta.sum(axis=0)
            if layer > 0:
                slope = below * (1 - below) if is_quadratic else below > 0
                delta = (delta @ self.weights[layer].T) * slope
        self.update(self.weights + self.biases, gradients)
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


serve(numpy.__version__, "backpropagation written out, arrays updated in place", Prepared)
