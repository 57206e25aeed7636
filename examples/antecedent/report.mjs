const BAR = 30;

/**
 * @param {ReturnType<typeof import('./data.mjs').createSets>} sets
 * @param {readonly string[]} vocabulary
 * @param {number} seeds
 */
export function showTitle({ train, combo }, vocabulary, seeds) {
  console.log(`What does "it" refer to? The animal or the place, in sentences such as`);
  for (const { tokens, label } of combo.slice(0, 2))
    console.log(`  ${tokens.join(' ')}  → ${label}`);
  console.log(
    `${train.length} sentences to learn from, ${vocabulary.length} words; accuracy (%) on sentences whose pairs of noun and adjective`,
  );
  console.log(
    'never occurred in training, in the same surroundings (combo), longer ones (shift), without a second adjective (single);',
  );
  console.log(
    `"first two": the two sentences about the chicken and the road. Mean of ${seeds} seeds${seeds > 1 ? ', lowest in brackets' : ''}.\n`,
  );
  console.log(`${row('network', ['combo', 'shift', 'single', 'first two', 'seconds'])}`);
}

/**
 * @param {string} name
 * @param {{ accuracies: Record<string, number>, seconds: number }[]} runs
 * @param {number[]} right - of the first two sentences, per run
 */
export function showRow(name, runs, right) {
  const accuracies = ['combo', 'shift', 'single'].map((set) => {
    const values = runs.map((run) => 100 * run.accuracies[set]);
    const lowest = runs.length > 1 ? ` (${Math.min(...values).toFixed(1)})` : '';
    return `${mean(values).toFixed(2)}${lowest}`;
  });
  const seconds = mean(runs.map((run) => run.seconds)).toFixed(1);
  console.log(row(name, [...accuracies, right.map((count) => `${count}/2`).join(' '), seconds]));
}

/**
 * How the belief moves while a sentence is read.
 *
 * @param {readonly string[]} tokens
 * @param {readonly number[]} belief - that "it" is the animal, after each token
 */
export function showBelief(tokens, belief) {
  console.log(`\n${' '.repeat(14)}place${' '.repeat(BAR - 10)}animal`);
  for (const [index, token] of tokens.entries()) {
    const at = Math.round(belief[index] * (BAR - 1));
    const line = `${'·'.repeat(at)}█${'·'.repeat(BAR - 1 - at)}`;
    console.log(`${token.padStart(12)}  ${line} ${(100 * belief[index]).toFixed(0).padStart(3)} %`);
  }
}

/**
 * @param {string} name
 * @param {string[]} cells
 */
function row(name, cells) {
  return `${name.padEnd(20)}${cells.map((cell) => cell.padStart(16)).join('')}`;
}

/** @param {number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
