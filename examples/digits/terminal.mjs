import { styleText } from 'node:util';

/**
 * A text in a style where the terminal shows colours; `NO_COLOR` and pipes give plain text.
 *
 * @param {Parameters<typeof styleText>[0]} format
 * @param {string} text
 */
export function styled(format, text) {
  return process.stdout.isTTY && process.stdout.hasColors() ? styleText(format, text) : text;
}

/**
 * Shows a line of progress: on a terminal it replaces the one before, elsewhere every line stays.
 *
 * @param {string} line
 */
export function showProgress(line) {
  if (!process.stdout.isTTY) return console.log(line);
  process.stdout.cursorTo(0);
  process.stdout.write(line.slice(0, process.stdout.columns - 1));
  process.stdout.clearLine(1);
}

/** Leaves the last line of progress standing. */
export function endProgress() {
  if (process.stdout.isTTY) process.stdout.write('\n');
}
