"""Answers the questions of ../process.mjs, one line of JSON each, over standard input and output: what ../serve.mjs does for JavaScript."""

import json
import sys
import time

import numpy

CHECKED_STEPS = 20


class Cannot(Exception):
    """A task that the library does not do; the text says why."""


def read_batches(task):
    """The data as mini-batches (x, y) in order."""
    sizes, rows = task["sizes"], task["batchSize"]
    x = numpy.fromfile(task["files"]["x"], "<f4").reshape(-1, sizes[0])
    y = numpy.fromfile(task["files"]["y"], "<f4").reshape(-1, sizes[-1])
    starts = range(0, task["count"], rows)
    return [(x[start : start + rows].copy(), y[start : start + rows].copy()) for start in starts]


def read_parameters(task):
    """Weights [units, inputs] and bias of each layer."""
    values = numpy.fromfile(task["files"]["parameters"], "<f4")
    layers, start = [], 0
    for inputs, units in zip(task["sizes"], task["sizes"][1:]):
        weights = values[start : start + units * inputs].reshape(units, inputs).copy()
        start += units * inputs
        layers.append((weights, values[start : start + units].copy()))
        start += units
    return layers


def read_recurrent_parameters(task):
    """The arrays of a recurrent network in the order of task["recurrent"]["shapes"]."""
    values = numpy.fromfile(task["files"]["parameters"], "<f4")
    shapes = task["recurrent"]["shapes"]
    starts = numpy.cumsum([numpy.prod(shape) for shape in shapes])[:-1]
    return [part.reshape(shape) for part, shape in zip(numpy.split(values, starts), shapes)]


def serve(version, note, prepare):
    """prepare(task) gives an object with check() and run(times), or raises Cannot."""
    prepared = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["ask"] == "describe":
                reply = {"version": version, "note": note}
            elif request["ask"] == "prepare":
                prepared = prepare(request["task"])
                reply = {}
            elif request["ask"] == "check":
                reply = {"values": [float(value) for value in prepared.check()]}
            else:
                start = time.perf_counter()
                prepared.run(request["times"])
                reply = {"seconds": time.perf_counter() - start}
        except Cannot as reason:
            reply = {"cannot": str(reason)}
        except Exception as error:
            reply = {"cannot": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)
