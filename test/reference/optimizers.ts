/**
 * The update rules in double precision. Each optimizer is a function p, g → p that keeps its moments; they start at zero.
 */

/** One update: the new parameters from the old ones and the gradient. */
export type Update = (p: number[], g: number[]) => number[];

const zeros = (like: number[]): number[] => like.map(() => 0);

/** Every optimizer of the library: options → update. */
export const optimizers = {
  /** p ← p − η g */
  sgd: ({ learningRate }: { learningRate: number }): Update => {
    return (p, g) => p.map((pi, i) => pi - learningRate * g[i]!);
  },

  /** v ← μ v + g; p ← p − η v */
  momentum: (options: { learningRate: number; momentum: number }): Update => {
    let v: number[] | undefined;
    return (p, g) => {
      v = (v ?? zeros(p)).map((vi, i) => options.momentum * vi + g[i]!);
      return p.map((pi, i) => pi - options.learningRate * v![i]!);
    };
  },

  /** v ← μ v + g; p ← p − η (g + μ v) */
  nesterov: (options: { learningRate: number; momentum: number }): Update => {
    let v: number[] | undefined;
    return (p, g) => {
      v = (v ?? zeros(p)).map((vi, i) => options.momentum * vi + g[i]!);
      return p.map((pi, i) => pi - options.learningRate * (g[i]! + options.momentum * v![i]!));
    };
  },

  /** s ← ρ s + (1−ρ) g²; p ← p − η g / (√s + ε) */
  rmsprop: (options: { learningRate: number; rho: number; epsilon: number }): Update => {
    const { learningRate, rho, epsilon } = options;
    let s: number[] | undefined;
    return (p, g) => {
      s = (s ?? zeros(p)).map((si, i) => rho * si + (1 - rho) * g[i]! ** 2);
      return p.map((pi, i) => pi - (learningRate * g[i]!) / (Math.sqrt(s![i]!) + epsilon));
    };
  },

  /** s ← s + g²; p ← p − η g / (√s + ε) */
  adagrad: (options: { learningRate: number; epsilon: number }): Update => {
    let s: number[] | undefined;
    return (p, g) => {
      s = (s ?? zeros(p)).map((si, i) => si + g[i]! ** 2);
      return p.map(
        (pi, i) => pi - (options.learningRate * g[i]!) / (Math.sqrt(s![i]!) + options.epsilon),
      );
    };
  },

  /** p ← (1 − η λ) p, then Adam's step */
  adamw: (options: {
    learningRate: number;
    beta1: number;
    beta2: number;
    epsilon: number;
    weightDecay: number;
  }): Update => {
    const step = optimizers.adam(options);
    const keep = 1 - options.learningRate * options.weightDecay;
    return (p, g) =>
      step(
        p.map((pi) => keep * pi),
        g,
      );
  },

  /** m ← β₁ m + (1−β₁) g; v ← β₂ v + (1−β₂) g²; p ← p − η m̂ / (√v̂ + ε), m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ) */
  adam: (options: {
    learningRate: number;
    beta1: number;
    beta2: number;
    epsilon: number;
  }): Update => {
    const { learningRate, beta1, beta2, epsilon } = options;
    let m: number[] | undefined;
    let v: number[] | undefined;
    let t = 0;
    return (p, g) => {
      t += 1;
      m = (m ?? zeros(p)).map((mi, i) => beta1 * mi + (1 - beta1) * g[i]!);
      v = (v ?? zeros(p)).map((vi, i) => beta2 * vi + (1 - beta2) * g[i]! ** 2);
      return p.map((pi, i) => {
        const mean = m![i]! / (1 - beta1 ** t);
        const square = v![i]! / (1 - beta2 ** t);
        return pi - (learningRate * mean) / (Math.sqrt(square) + epsilon);
      });
    };
  },
};
