"""PyTorch: the usual loop with autograd, or the same step written out with in-place operations (argument "by-hand")."""

import sys

import torch
from serve import CHECKED_STEPS, Cannot, read_batches, read_parameters, serve
from torch_recurrent import create_recurrent

torch.set_num_threads(1)
BY_HAND = "by-hand" in sys.argv


class Autograd:
    """nn.Sequential or nn.RNN and its like, a loss of torch.nn.functional, an optimizer of torch.optim."""

    def __init__(self, task):
        self.task = task
        self.batches = [tuple(map(torch.from_numpy, batch)) for batch in read_batches(task)]
        self.is_quadratic = task["formula"] == "quadratic"
        self.network = create_recurrent(task) if "recurrent" in task else self.create_dense()
        self.optimizer = create_optimizer(task["optimizer"], self.network.parameters())

    def create_dense(self):
        modules = []
        for weights, bias in read_parameters(self.task):
            linear = torch.nn.Linear(weights.shape[1], weights.shape[0])
            linear.weight.data = torch.from_numpy(weights)
            linear.bias.data = torch.from_numpy(bias)
            modules += [linear, torch.nn.Sigmoid() if self.is_quadratic else torch.nn.ReLU()]
        return torch.nn.Sequential(*(modules if self.is_quadratic else modules[:-1]))

    def check(self):
        if self.task["kind"] == "predict":
            return self.predict().ravel()
        count = len(self.batches)
        return [self.step(*self.batches[i % count]).item() for i in range(CHECKED_STEPS)]

    def run(self, times):
        for _ in range(times):
            if self.task["kind"] == "predict":
                self.predict()
            else:
                for x, y in self.batches:
                    self.step(x, y)

    def predict(self):
        with torch.no_grad():
            output = self.network(self.batches[0][0])
            return (output if self.is_quadratic else torch.softmax(output, 1)).numpy()

    def step(self, x, y):
        self.optimizer.zero_grad(set_to_none=True)
        output = self.network(x)
        if self.is_quadratic:
            cost = 0.5 * torch.nn.functional.mse_loss(output, y, reduction="sum") / len(x)
        else:
            cost = torch.nn.functional.cross_entropy(output, y)
        cost.backward()
        self.optimizer.step()
        return cost


class ByHand(Autograd):
    """No autograd, no optimizer object: what remains when every call that can be saved is saved."""

    def __init__(self, task):
        if task["kind"] == "predict":
            raise Cannot("predicts as PyTorch above")
        if "recurrent" in task:
            raise Cannot("only dense networks are written out")
        super().__init__(task)
        layers = [module for module in self.network if isinstance(module, torch.nn.Linear)]
        self.weights = [layer.weight.detach().t().contiguous() for layer in layers]
        self.biases = [layer.bias.detach() for layer in layers]
        self.first = [torch.zeros_like(p) for p in self.weights + self.biases]
        self.second = [torch.zeros_like(p) for p in self.weights + self.biases]
        self.time = 0

    @torch.no_grad()
    def step(self, x, y):
        activations = [x]
        for layer, (weights, bias) in enumerate(zip(self.weights, self.biases)):
            z = torch.addmm(bias, activations[-1], weights)
            if self.is_quadratic:
                z.sigmoid_()
            elif layer < len(self.weights) - 1:
                z.relu_()
            activations.append(z)
        output = activations[-1]
        if self.is_quadratic:
            error = output - y
            cost = (error * error).sum() * (0.5 / len(x))
            delta = error.mul_(output).mul_(1 - output).div_(len(x))
        else:
            logs = torch.log_softmax(output, 1)
            cost = (logs * y).sum() * (-1 / len(x))
            delta = logs.exp_().sub_(y).div_(len(x))
        self.backward(activations, delta)
        return cost

    def backward(self, activations, delta):
        gradients = []
        for layer in reversed(range(len(self.weights))):
            below = activations[layer]
            gradients.append((layer, below.t() @ delta))
            gradients.append((len(self.weights) + layer, delta.sum(0)))
            if layer > 0:
                delta = delta @ self.weights[layer].t()
                slope = below * (1 - below) if self.is_quadratic else below > 0
                delta.mul_(slope)
        self.update(gradients)

    def update(self, gradients):
        optimizer = self.task["optimizer"]
        rate, kind = optimizer["learningRate"], optimizer["kind"]
        parameters = self.weights + self.biases
        self.time += 1
        for index, g in gradients:
            p, m, v = parameters[index], self.first[index], self.second[index]
            if kind == "sgd":
                p.add_(g, alpha=-rate)
            elif kind == "momentum":
                p.add_(m.mul_(optimizer["momentum"]).add_(g), alpha=-rate)
            else:
                beta1, beta2 = optimizer["beta1"], optimizer["beta2"]
                m.mul_(beta1).add_(g, alpha=1 - beta1)
                v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
                root = (v / (1 - beta2**self.time)).sqrt_().add_(optimizer["epsilon"])
                p.addcdiv_(m, root, value=-rate / (1 - beta1**self.time))


def create_optimizer(options, parameters):
    if options["kind"] == "adam":
        betas = (options["beta1"], options["beta2"])
        rate, epsilon = options["learningRate"], options["epsilon"]
        return torch.optim.Adam(parameters, lr=rate, betas=betas, eps=epsilon)
    momentum = options.get("momentum", 0)
    return torch.optim.SGD(parameters, lr=options["learningRate"], momentum=momentum)


serve(
    torch.__version__,
    "one step written out, in place" if BY_HAND else "nn.Sequential or nn.RNN, nn.LSTM, nn.GRU; autograd, torch.optim",
    ByHand if BY_HAND else Autograd,
)
