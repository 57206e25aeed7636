"""Recurrent networks for torch_peer.py."""

import torch
from serve import read_recurrent_parameters

LAYERS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


class Recurrent(torch.nn.Module):
    """Recurrent layers in one module, then a linear layer on the last state."""

    def __init__(self, layers, output):
        super().__init__()
        self.layers = layers
        self.output = output

    def forward(self, x):
        states, _ = self.layers(x.view(len(x), -1, self.layers.input_size))
        return self.output(states[:, -1])


def create_recurrent(task):
    """The network with the starting values of the task; a second bias that the task does not have is frozen at 0."""
    kind, steps = task["recurrent"]["kind"], task["recurrent"]["steps"]
    inputs, *units, classes = task["sizes"]
    layers = LAYERS[kind](inputs // steps, units[0], num_layers=len(units), batch_first=True)
    output = torch.nn.Linear(units[-1], classes)
    values = map(torch.from_numpy, read_recurrent_parameters(task))
    for layer in range(len(units)):
        names = ["weight_ih", "weight_hh", "bias_ih"] + (["bias_hh"] if kind == "gru" else [])
        for name in names:
            getattr(layers, f"{name}_l{layer}").data.copy_(next(values))
        if kind != "gru":
            getattr(layers, f"bias_hh_l{layer}").requires_grad_(False).zero_()
    output.weight.data.copy_(next(values))
    output.bias.data.copy_(next(values))
    return Recurrent(layers, output)
