import type { Optimizer } from '../../nn/optimizers.ts';

/** What an optimizer keeps for each number of a parameter. */
interface Moments {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** An optimizer's update rule in double precision, number by number, from its beginning: moments at zero. */
export class ReferenceOptimizer {
  readonly #optimizer: Optimizer;
  readonly #moments: Map<string, Moments> = new Map();
  #step = 0;

  constructor(optimizer: Optimizer) {
    this.#optimizer = optimizer;
  }

  /** Begins the next step. */
  next(): void {
    this.#step++;
  }

  /** The change of a parameter from its values and its gradient in the present step. */
  update(name: string, values: Float64Array, gradient: ArrayLike<number>): Float64Array {
    const moments = this.#momentsOf(name, gradient.length);
    return values.map((p, index) => this.#change(p, gradient[index]!, moments, index));
  }

  #change(p: number, g: number, { first, second }: Moments, index: number): number {
    const optimizer = this.#optimizer;
    switch (optimizer.kind) {
      case 'sgd':
        return -optimizer.learningRate * g;
      case 'momentum':
        first[index] = optimizer.momentum * first[index]! + g;
        return -optimizer.learningRate * first[index]!;
      case 'nesterov':
        first[index] = optimizer.momentum * first[index]! + g;
        return -optimizer.learningRate * (g + optimizer.momentum * first[index]!);
      case 'rmsprop':
        first[index] = optimizer.rho * first[index]! + (1 - optimizer.rho) * g * g;
        return (-optimizer.learningRate * g) / (Math.sqrt(first[index]!) + optimizer.epsilon);
      case 'adagrad':
        first[index] = first[index]! + g * g;
        return (-optimizer.learningRate * g) / (Math.sqrt(first[index]!) + optimizer.epsilon);
      case 'adam':
      case 'adamw': {
        const { beta1, beta2, epsilon, learningRate } = optimizer;
        const decay = optimizer.kind === 'adamw' ? -learningRate * optimizer.weightDecay * p : 0;
        first[index] = beta1 * first[index]! + (1 - beta1) * g;
        second[index] = beta2 * second[index]! + (1 - beta2) * g * g;
        const mean = first[index]! / (1 - beta1 ** this.#step);
        const square = second[index]! / (1 - beta2 ** this.#step);
        return decay - (learningRate * mean) / (Math.sqrt(square) + epsilon);
      }
    }
  }

  #momentsOf(name: string, length: number): Moments {
    const known = this.#moments.get(name);
    if (known) return known;
    const moments = { first: new Float64Array(length), second: new Float64Array(length) };
    this.#moments.set(name, moments);
    return moments;
  }
}
