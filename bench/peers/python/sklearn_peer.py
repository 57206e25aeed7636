"""scikit-learn: MLPClassifier.fit in batches, which knows softmax cross-entropy but no half squared error."""

import warnings

import numpy
import sklearn
from serve import CHECKED_STEPS, Cannot, read_batches, read_parameters, serve
from sklearn.neural_network import MLPClassifier

warnings.filterwarnings("ignore")


class Prepared:
    def __init__(self, task):
        if "recurrent" in task:
            raise Cannot("has no recurrent layers")
        if task["formula"] == "quadratic":
            raise Cannot("MLPClassifier has no half squared error")
        self.task = task
        self.batches = [(x, y.argmax(axis=1)) for x, y in read_batches(task)]
        self.network = self.create()

    def create(self):
        optimizer = self.task["optimizer"]
        network = MLPClassifier(
            hidden_layer_sizes=self.task["sizes"][1:-1],
            activation="relu",
            solver="adam" if optimizer["kind"] == "adam" else "sgd",
            alpha=0,
            batch_size=self.task["batchSize"],
            learning_rate_init=optimizer["learningRate"],
            momentum=optimizer.get("momentum", 0),
            nesterovs_momentum=False,
            beta_1=optimizer.get("beta1", 0.9),
            beta_2=optimizer.get("beta2", 0.999),
            epsilon=optimizer.get("epsilon", 1e-8),
            shuffle=False,
            tol=0,
            n_iter_no_change=10**9,
        )
        x, y = self.batches[0]
        network.partial_fit(x, y, classes=numpy.arange(self.task["sizes"][-1]))
        layers = read_parameters(self.task)
        network.coefs_ = [weights.T.copy() for weights, _ in layers]
        network.intercepts_ = [bias for _, bias in layers]
        del network._optimizer  # the step that created the arrays must not count
        return network

    def check(self):
        if self.task["kind"] == "predict":
            return self.network.predict_proba(self.batches[0][0]).ravel()
        losses = []
        for i in range(CHECKED_STEPS):
            self.network.partial_fit(*self.batches[i % len(self.batches)])
            losses.append(self.network.loss_)
        return losses

    def run(self, times):
        if self.task["kind"] == "predict":
            for _ in range(times):
                self.network.predict_proba(self.batches[0][0])
            return
        x = numpy.concatenate([x for x, _ in self.batches])
        y = numpy.concatenate([y for _, y in self.batches])
        self.network.warm_start = True  # refuses batches that lack a class, so not before the checks
        self.network.max_iter = times
        self.network.fit(x, y)


serve(sklearn.__version__, "MLPClassifier.fit without shuffling", Prepared)
