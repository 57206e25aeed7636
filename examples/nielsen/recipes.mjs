/**
 * The experiments of Michael Nielsen's "Neural Networks and Deep Learning", chapters 1 and 3, with the figures he published: in the text,
 * or in the data of his plots (github.com/mnielsen/neural-networks-and-deep-learning, folder fig).
 *
 * All of them: sigmoid layers, mini-batches of 10, plain gradient descent, the first 50,000 training images of MNIST; the other 10,000
 * are his validation images. He counts λ as we count l2 · n, n being the number of training images.
 *
 * @typedef {object} Recipe
 * @property {string} title - what is tried
 * @property {number} hidden - neurons in the hidden layer
 * @property {'halfSquaredError' | 'binaryCrossEntropy'} loss - his quadratic cost and his cross-entropy
 * @property {'nielsenLarge' | 'nielsen'} init - his first way to draw weights, N(0, 1), or his better one, N(0, 1/n_in)
 * @property {number} eta
 * @property {number} lambda
 * @property {number} epochs
 * @property {'test' | 'validation'} evaluatedOn
 * @property {Figure[]} figures - what to compare
 *
 * @typedef {object} Figure
 * @property {'best' | 'first' | 'last' | 'cost'} kind - accuracy in percent of the best, first or last epoch, or the training cost with
 *   its penalty after the last
 * @property {number} published
 */

/** @type {Recipe[]} */
export const recipes = [
  quadratic('the first network', 30, 3, [{ kind: 'best', published: 95.42 }]),
  quadratic('more neurons', 100, 3, [{ kind: 'best', published: 96.59 }]),
  quadratic('η too small', 100, 0.001, [
    { kind: 'first', published: 11.39 },
    { kind: 'last', published: 21.42 },
  ]),
  quadratic('η too large', 30, 100, [{ kind: 'last', published: 9.82 }]),
  crossEntropy('cross-entropy', { eta: 0.5, lambda: 0, evaluatedOn: 'test' }, [
    { kind: 'best', published: 95.33 },
    { kind: 'cost', published: 0.172 },
  ]),
  crossEntropy('with L2', { eta: 0.5, evaluatedOn: 'test' }, [
    { kind: 'best', published: 96.49 },
    { kind: 'cost', published: 0.392 },
  ]),
  crossEntropy('L2, more neurons', { eta: 0.5, hidden: 100 }, [{ kind: 'best', published: 97.92 }]),
  crossEntropy('smaller η, 60 epochs', { eta: 0.1, hidden: 100, epochs: 60 }, [
    { kind: 'best', published: 98.04 },
  ]),
  crossEntropy('large weights', { eta: 0.1 }, [
    { kind: 'first', published: 86.43 },
    { kind: 'last', published: 96.37 },
  ]),
  crossEntropy('better weights', { eta: 0.1, init: 'nielsen' }, [
    { kind: 'first', published: 92.7 },
    { kind: 'last', published: 96.5 },
  ]),
  crossEntropy('large weights', { eta: 0.1, hidden: 100 }, [
    { kind: 'first', published: 89.94 },
    { kind: 'last', published: 97.42 },
  ]),
  crossEntropy('better weights', { eta: 0.1, hidden: 100, init: 'nielsen' }, [
    { kind: 'first', published: 92.95 },
    { kind: 'last', published: 97.81 },
  ]),
  crossEntropy('η small', { eta: 0.025, init: 'nielsen' }, [{ kind: 'cost', published: 0.339 }]),
  crossEntropy('η middling', { eta: 0.25, init: 'nielsen' }, [{ kind: 'cost', published: 0.339 }]),
  crossEntropy('η large', { eta: 2.5, init: 'nielsen' }, [{ kind: 'cost', published: 0.861 }]),
];

/**
 * Chapter 1: quadratic cost, large weights, 30 epochs, judged by the test images.
 *
 * @param {string} title
 * @param {number} hidden
 * @param {number} eta
 * @param {Figure[]} figures
 * @returns {Recipe}
 */
function quadratic(title, hidden, eta, figures) {
  const method = /** @type {const} */ ({ loss: 'halfSquaredError', init: 'nielsenLarge' });
  return { title, hidden, eta, lambda: 0, epochs: 30, evaluatedOn: 'test', ...method, figures };
}

/**
 * Chapter 3: cross-entropy with λ = 5, 30 epochs, judged by the validation images, unless said otherwise.
 *
 * @param {string} title
 * @param {Pick<Recipe, 'eta'> & Partial<Recipe>} choices
 * @param {Figure[]} figures
 * @returns {Recipe}
 */
function crossEntropy(title, choices, figures) {
  return {
    title,
    hidden: 30,
    loss: 'binaryCrossEntropy',
    init: 'nielsenLarge',
    lambda: 5,
    epochs: 30,
    evaluatedOn: 'validation',
    ...choices,
    figures,
  };
}
