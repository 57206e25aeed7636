"""A dense network for numpy_peer.py."""

import numpy
from serve import read_parameters


class Dense:
    def __init__(self, task):
        self.is_quadratic = task["formula"] == "quadratic"
        self.weights = [weights.T.copy() for weights, _ in read_parameters(task)]
        self.biases = [bias for _, bias in read_parameters(task)]
        self.parameters = self.weights + self.biases

    def predict(self, x):
        return self.forward(x)[-1]

    def forward(self, x):
        """The activations of every layer, the input first."""
        activations = [x]
        for layer, (weights, bias) in enumerate(zip(self.weights, self.biases)):
            z = activations[-1] @ weights + bias
            if self.is_quadratic:
                activations.append(1 / (1 + numpy.exp(-z)))
            elif layer < len(self.weights) - 1:
                activations.append(numpy.maximum(z, 0))
            else:
                activations.append(softmax(z))
        return activations

    def gradients(self, x, y, wants_cost):
        """The gradients of the parameters, in their order, and the cost or None."""
        activations = self.forward(x)
        output, rows = activations[-1], len(x)
        cost = None
        if wants_cost:
            each = 0.5 * (output - y) ** 2 if self.is_quadratic else -y * numpy.log(output)
            cost = each.sum() / rows
        delta = (output - y) / numpy.float32(rows)
        if self.is_quadratic:
            delta *= output * (1 - output)
        gradients = [None] * (2 * len(self.weights))
        for layer in reversed(range(len(self.weights))):
            below = activations[layer]
            gradients[layer] = below.T @ delta
            gradients[len(self.weights) + layer] = delta.sum(axis=0)
            if layer > 0:
                slope = below * (1 - below) if self.is_quadratic else below > 0
                delta = (delta @ self.weights[layer].T) * slope
        return gradients, cost


def softmax(z):
    e = numpy.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
