import { Network } from 'chainrule';
import { firstExamples } from './data.mjs';

/**
 * Trains the same network on both cores, from the same seed on the same data.
 *
 * @param {import('chainrule').NetworkSpec} spec
 * @param {import('./data.mjs').Examples} data
 * @param {import('chainrule').FitOptions} options
 * @param {{ examples: number, epochs: number }} part - how much of the training is repeated
 */
export function compareCores(spec, data, options, { examples, epochs }) {
  const part = firstExamples(data, examples);
  const simd = timeTraining('simd', spec, part, { ...options, epochs });
  const js = timeTraining('js', spec, part, { ...options, epochs });
  const whole = part.y.length === data.y.length && epochs === options.epochs;
  return { simd, js, examples: part.y.length, epochs, whole };
}

/**
 * @param {'simd' | 'js'} core
 * @param {import('chainrule').NetworkSpec} spec
 * @param {import('./data.mjs').Examples} data
 * @param {import('chainrule').FitOptions} options
 */
function timeTraining(core, spec, data, options) {
  const network = new Network(spec, { core });
  const { seconds } = network.fitSync(data, options);
  const hash = network.hash();
  network.dispose();
  return { seconds, hash };
}
