"""Recurrent networks for numpy_peer.py: backpropagation through time written out, over arrays [steps, examples, units]."""

import numpy
from numpy_dense import softmax
from serve import read_recurrent_parameters


class Recurrent:
    """Recurrent layers, then a softmax layer on the last state."""

    def __init__(self, task):
        self.steps = task["recurrent"]["steps"]
        self.parameters = [p.T.copy() for p in read_recurrent_parameters(task)]
        layer = {"rnn": Rnn, "lstm": Lstm, "gru": Gru}[task["recurrent"]["kind"]]
        *below, self.weights, self.bias = self.parameters
        each = len(below) // (len(task["sizes"]) - 2)
        self.layers = [layer(*below[i : i + each]) for i in range(0, len(below), each)]

    def gradients(self, x, y, wants_cost):
        """The gradients of the parameters, in their order, and the cost or None."""
        states = x.reshape(len(x), self.steps, -1).swapaxes(0, 1)
        for layer in self.layers:
            states = layer.forward(states)
        output = softmax(states[-1] @ self.weights + self.bias)
        cost = (-y * numpy.log(output)).sum() / len(x) if wants_cost else None
        delta = (output - y) / numpy.float32(len(x))
        gradients = [states[-1].T @ delta, delta.sum(axis=0)]
        above = numpy.zeros_like(states)
        above[-1] = delta @ self.weights.T
        for layer in reversed(self.layers):
            deltas, own = layer.backward(above)
            gradients = own + gradients
            if layer is not self.layers[0]:
                above = deltas @ layer.input_weights.T
        return gradients, cost


class Rnn:
    """h = tanh(z), z = x Wx + b + h before Wh."""

    def __init__(self, input_weights, state_weights, *biases):
        self.input_weights = input_weights
        self.state_weights = state_weights
        self.bias, *self.state_biases = biases

    def forward(self, x):
        self.x = x.reshape(-1, x.shape[2])
        steps, rows, units = x.shape[0], x.shape[1], len(self.state_weights)
        self.z = (self.x @ self.input_weights + self.bias).reshape(steps, rows, -1)
        self.h = numpy.zeros((steps + 1, rows, units), numpy.float32)
        self.start()
        for t in range(steps):
            self.step(t)
        return self.h[1:]

    def backward(self, above):
        """Derivatives by z, and the gradients of the parameters; above: derivatives by the states from the layer above alone."""
        self.back = numpy.zeros_like(above[0])
        for t in reversed(range(len(above))):
            self.step_back(t, above[t] + self.back)
        deltas, recurrent = flat(self.z), flat(self.recurrent_deltas())
        gradients = [self.x.T @ deltas, flat(self.h[:-1]).T @ recurrent, deltas.sum(axis=0)]
        return self.z, gradients + [recurrent.sum(axis=0) for _ in self.state_biases]

    def start(self):
        pass

    def step(self, t):
        self.h[t + 1] = numpy.tanh(self.z[t] + self.h[t] @ self.state_weights)

    def step_back(self, t, dh):
        """Puts the derivatives by z[t] in its place, and those by h[t], by way of this step, into back."""
        self.z[t] = dh * (1 - self.h[t + 1] ** 2)
        self.back = self.z[t] @ self.state_weights.T

    def recurrent_deltas(self):
        """Derivatives by the products with the states."""
        return self.z


class Lstm(Rnn):
    """c = f c + i g, h = o tanh(c)."""

    def start(self):
        self.c = numpy.zeros_like(self.h)
        self.dc = numpy.zeros_like(self.h[0])

    def step(self, t):
        self.z[t] += self.h[t] @ self.state_weights
        i, f, g, o = numpy.split(self.z[t], 4, axis=1)
        for gate in (i, f, o):
            gate[...] = sigmoid(gate)
        g[...] = numpy.tanh(g)
        self.c[t + 1] = f * self.c[t] + i * g
        self.h[t + 1] = o * numpy.tanh(self.c[t + 1])

    def step_back(self, t, dh):
        i, f, g, o = numpy.split(self.z[t], 4, axis=1)
        squashed = numpy.tanh(self.c[t + 1])
        self.dc += dh * o * (1 - squashed**2)
        before = self.dc * f
        parts = (
            self.dc * g * i * (1 - i),
            self.dc * self.c[t] * f * (1 - f),
            self.dc * i * (1 - g**2),
            dh * squashed * o * (1 - o),
        )
        numpy.concatenate(parts, axis=1, out=self.z[t])
        self.dc = before
        self.back = self.z[t] @ self.state_weights.T


class Gru(Rnn):
    """n = tanh(zn + r (h before Wh + bh)), h = (1 - z) n + z h before."""

    def start(self):
        self.products = numpy.empty_like(self.z)

    def step(self, t):
        self.products[t] = self.h[t] @ self.state_weights + self.state_biases[0]
        r, z, n = numpy.split(self.z[t], 3, axis=1)
        from_r, from_z, from_n = numpy.split(self.products[t], 3, axis=1)
        r[...] = sigmoid(r + from_r)
        z[...] = sigmoid(z + from_z)
        n[...] = numpy.tanh(n + r * from_n)
        self.h[t + 1] = (1 - z) * n + z * self.h[t]

    def step_back(self, t, dh):
        r, z, n = numpy.split(self.z[t], 3, axis=1)
        from_n = numpy.split(self.products[t], 3, axis=1)[2]
        delta_n = dh * (1 - z) * (1 - n**2)
        delta_r = delta_n * from_n * r * (1 - r)
        delta_z = dh * (self.h[t] - n) * z * (1 - z)
        numpy.concatenate((delta_r, delta_z, delta_n * r), axis=1, out=self.products[t])
        self.back = dh * z + self.products[t] @ self.state_weights.T
        numpy.concatenate((delta_r, delta_z, delta_n), axis=1, out=self.z[t])

    def recurrent_deltas(self):
        return self.products


def flat(array):
    return array.reshape(-1, array.shape[2])


def sigmoid(z):
    return 1 / (1 + numpy.exp(-z))
