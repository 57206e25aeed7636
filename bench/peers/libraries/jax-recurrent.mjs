import { nn, numpy as np } from '@jax-js/jax';

/** @typedef {{ state: np.Array, memory: np.Array }} State */

/**
 * A recurrent network as a function from parameters and the features step by step to the logarithms of the outputs, all steps written
 * one after the other. Arrays are used up by the functions they are given to, hence `ref`.
 *
 * @param {import('../task.mjs').RecurrentTask} task
 */
export function createRecurrentForward({ sizes, batchSize, recurrent: { kind, steps, shapes } }) {
  const units = sizes.slice(1, -1);
  const perLayer = (shapes.length - 2) / units.length;
  return (/** @type {np.Array[]} */ parameters, /** @type {np.Array} */ x) => {
    let below = x;
    units.forEach((width, layer) => {
      const start = layer * perLayer;
      const [Wx, Wh, b, bh] = parameters.slice(start, start + perLayer);
      const z = np.split(np.dot(below, Wx).add(b), steps);
      const zeros = () => np.zeros([batchSize, width]);
      let before = { state: zeros(), memory: zeros() };
      const states = z.map((zStep) => {
        const h = np.dot(before.state.ref, Wh.ref);
        before = CELLS[kind](zStep, bh ? h.add(bh.ref) : h, before);
        return before.state.ref;
      });
      below = layer < units.length - 1 ? np.concatenate(states) : before.state;
    });
    const [W, b] = parameters.slice(-2);
    return nn.logSoftmax(np.dot(below, W).add(b), -1);
  };
}

/**
 * One step: z is the product with the inputs, h that with the state before, both with their biases.
 *
 * @type {Record<import('../task.mjs').Recurrent['kind'], (z: np.Array, h: np.Array, before: State) => State>}
 */
const CELLS = {
  rnn: (z, h, { memory }) => ({ state: np.tanh(z.add(h)), memory }),
  lstm: (z, h, { memory }) => {
    const [i, f, g, o] = np.split(z.add(h), 4, 1);
    const next = nn
      .sigmoid(f)
      .mul(memory)
      .add(nn.sigmoid(i).mul(np.tanh(g)));
    return { state: nn.sigmoid(o).mul(np.tanh(next.ref)), memory: next };
  },
  gru: (z, h, { state, memory }) => {
    const [zr, zz, zn] = np.split(z, 3, 1);
    const [hr, hz, hn] = np.split(h, 3, 1);
    const proposal = np.tanh(zn.add(nn.sigmoid(zr.add(hr)).mul(hn)));
    const kept = nn.sigmoid(zz.add(hz)).mul(state.sub(proposal.ref));
    return { state: proposal.add(kept), memory };
  },
};
