import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createSets, FIRST_TWO, tokenise, vocabularyOf } from '../../examples/antecedent/data.mjs';
import { beliefs, MODELS, trainModel } from '../../examples/antecedent/models.mjs';
import { ADJECTIVES, NOUNS } from '../../examples/antecedent/words.mjs';

const sets = createSets(11);
const vocabulary = vocabularyOf(sets);
type Sentence = (typeof sets)['train'][number];
const counted = ['train', 'valid', 'combo', 'shift'] as const;

/** The pair of noun and adjective that "it" resolves to. */
function resolved({ tokens, label }: Sentence): string {
  const noun = tokens.find((word) => NOUNS[label].includes(word));
  const adjective = tokens.find((word) => ADJECTIVES[label].includes(word));
  return `${noun} ${adjective}`;
}

const bag = ({ tokens }: Sentence): string => [...tokens].sort().join(' ');

describe('the sentences of examples/antecedent', () => {
  it('are as many as promised, no two alike, and the same for the same seed', () => {
    const sizes = Object.values(sets).map(({ length }) => length);
    expect(sizes).toEqual([4000, 500, 1000, 1000, 500]);
    const texts = Object.values(sets).flatMap((set) => set.map(({ tokens }) => tokens.join(' ')));
    expect(new Set(texts).size).toBe(texts.length);
    expect(createSets(11)).toEqual(sets);
    expect(createSets(12).train).not.toEqual(sets.train);
  });

  it('name one animal and one place, and what "it" is has an adjective that fits', () => {
    for (const { tokens, label } of Object.values(sets).flat()) {
      for (const kind of ['agent', 'place'] as const) {
        expect(tokens.filter((word) => NOUNS[kind].includes(word))).toHaveLength(1);
      }
      expect(tokens.filter((word) => ADJECTIVES[label].includes(word))).toHaveLength(1);
      expect(tokens.at(-1)).toBe('.');
      expect(tokens.join(' ')).not.toMatch(/, [,.]/);
    }
  });

  it.each(counted)('%s: come in twins of the same words with opposite answers', (name) => {
    const answers = new Map<string, string[]>();
    for (const sentence of sets[name]) {
      const key = bag(sentence);
      answers.set(key, [...(answers.get(key) ?? []), sentence.label]);
    }
    for (const labels of answers.values()) {
      const agents = labels.filter((label) => label === 'agent').length;
      expect(2 * agents).toBe(labels.length); // so that counting words is right half the time
    }
  });

  it('of the tests resolve to pairs that never occur in training, made of words that do', () => {
    const known = new Set(sets.train.map(resolved));
    const words = new Set(sets.train.flatMap(({ tokens }) => tokens));
    for (const name of ['combo', 'shift', 'single'] as const) {
      for (const sentence of sets[name]) expect(known.has(resolved(sentence))).toBe(false);
    }
    expect(sets.valid.filter((sentence) => known.has(resolved(sentence))).length).toBe(500);
    for (const word of vocabulary) expect(words.has(word)).toBe(true);
  });

  it('hold the first two sentences out', () => {
    const pairs = new Set(sets.train.map(resolved));
    for (const { text, label } of FIRST_TWO) {
      const { tokens, unknown } = tokenise(text, vocabulary);
      expect(unknown).toEqual([]);
      expect(pairs.has(resolved({ tokens, label }))).toBe(false);
    }
  });

  it('stand at other places in the shifted test: they are longer by half', () => {
    const mean = (set: Sentence[]): number =>
      set.reduce((sum, { tokens }) => sum + tokens.length, 0) / set.length;
    expect(mean(sets.shift) - mean(sets.combo)).toBeGreaterThan(8);
  });

  it('are read from what a person types, and unknown words are named', () => {
    expect(tokenise('The DOG was, frankly, tired!', vocabulary)).toEqual({
      tokens: ['the', 'dog', 'was', ',', ',', 'tired'],
      unknown: ['frankly'],
    });
  });
});

describe('what networks make of them', () => {
  const first = FIRST_TWO.map(({ text }) => tokenise(text, vocabulary).tokens);

  /** Accuracies of one training on the tests, and whether each of the first two sentences was understood. */
  function train(name: string, seed: number) {
    const model = MODELS.find((candidate) => candidate.name === name)!;
    const { network, accuracies } = trainModel(model, sets, vocabulary, seed);
    const belief = beliefs(model, network, first, vocabulary);
    network.dispose();
    const right = belief.map((agent, i) => agent > 0.5 === (FIRST_TWO[i]!.label === 'agent'));
    return { ...accuracies, right } as { combo: number; shift: number; right: boolean[] };
  }

  const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;

  it('a tanh RNN of 32 units resolves pairs it has never seen, three seeds out of three', () => {
    const runs = [1, 2, 3].map((seed) => train('tanh RNN', seed));
    expect(mean(runs.map(({ combo }) => combo))).toBeGreaterThanOrEqual(0.99);
    expect(mean(runs.map(({ shift }) => shift))).toBeGreaterThanOrEqual(0.95);
    expect(runs.flatMap(({ right }) => right)).not.toContain(false);
  });

  it('an LSTM is all but perfect', () => {
    const { combo, right } = train('LSTM', 1);
    expect(combo).toBeGreaterThanOrEqual(0.999);
    expect(right).toEqual([true, true]);
  });

  it('a network bound to positions hardly does better than chance', () => {
    const { combo } = train('bound to positions', 1);
    expect(combo).toBeGreaterThan(0.45);
    expect(combo).toBeLessThan(0.65);
  });

  it('the command prints a row per network and shows the belief word by word', () => {
    const command = ['examples/antecedent/main.mjs', '--only', 'LSTM', '--seeds', '1'];
    const sentence = 'The dog avoided the zebra because it was tired.';
    const { status, stdout, stderr } = spawnSync(process.execPath, [...command, sentence], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^LSTM +(100|99)\.\d+ +/m);
    expect(stdout).toContain('Words it has never seen, left out: zebra');
    expect(stdout).toMatch(/^ +tired {2}[·█]{30} +\d+ %$/m);
    expect(stdout.match(/^ *[a-z.]+ {2}[·█]{30}/gm)).toHaveLength(9);
  });
});
