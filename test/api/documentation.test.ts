import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as csv from '../../src/csv/index.ts';
import * as chainrule from '../../src/index.ts';
import * as pictures from '../../src/pictures/index.ts';
import * as predicting from '../../src/predict/index.ts';
import * as training from '../../src/train/index.ts';

/** Code in the README and in doc comments runs, and says the truth in its `// value` comments. */

const root = new URL('../../', import.meta.url);

interface Example {
  readonly file: string;
  readonly code: string;
}

function sources(folder = 'src'): string[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== 'core/binary.ts')
    .map((name) => `${folder}/${name}`);
}

/** The code blocks of the `@example` parts of a file's doc comments. */
function docExamples(file: string): Example[] {
  const comments = readFileSync(new URL(file, root), 'utf8').match(/\/\*\*[\s\S]*?\*\//g) ?? [];
  return comments
    .filter((comment) => comment.includes('@example'))
    .map((comment) => comment.replace(/^ *\* ?/gm, ''))
    .map((comment) => ({ file, code: /```ts\n([\s\S]*?)```/.exec(comment)?.[1] ?? '' }));
}

function readmeExamples(): Example[] {
  const text = readFileSync(new URL('README.md', root), 'utf8');
  return [...text.matchAll(/```(?:ts|js)\n([\s\S]*?)```/g)].map(([, code]) => ({
    file: 'README.md',
    code: code!,
  }));
}

/** `expression; // value` becomes an assertion, unless the value is abridged or a remark. */
function withAssertions(code: string): string {
  return code.replace(/^(?!const|let|for|if|import)(.+);\s*\/\/ (.+)$/gm, (line, left, right) =>
    isValue(right) ? `check(${left}, ${right});` : line,
  );
}

function isValue(text: string): boolean {
  if (text.includes('…')) return false;
  try {
    new Function(`'use strict'; return (${text});`)();
    return true;
  } catch {
    return false;
  }
}

/** What an example may use besides the library: a small network and its data. */
function surroundings(): Record<string, unknown> {
  const net = new chainrule.Network({
    input: 2,
    layers: [chainrule.dense(3, 'tanh'), chainrule.dense(1, 'sigmoid')],
    loss: 'binaryCrossEntropy',
    seed: 1,
  });
  const x = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];
  return { net, x, y: [[0], [1], [1], [0]], console: { log() {} } };
}

/** What an example has imported: the small entry has a `Network` of its own. */
function exportsFor({ file, code }: Example): Record<string, unknown> {
  const library = { ...chainrule, ...csv, pictures, ...predicting };
  const isSmall = file.startsWith('src/train/') || code.includes("from 'chainrule/train'");
  return isSmall ? { ...library, ...training } : library;
}

async function run(example: Example): Promise<void> {
  const script = withAssertions(example.code.replace(/^import .*$/gm, ''));
  const { outputText } = ts.transpileModule(script, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const scope = {
    ...exportsFor(example),
    ...surroundings(),
    check: (actual: unknown, expected: unknown) => expect(actual).toEqual(expected),
  };
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const declared = outputText.match(/^(?:const|let) (\w+)/gm)?.map((line) => line.split(' ')[1]);
  const names = Object.keys(scope).filter((name) => !declared?.includes(name));
  const body = new AsyncFunction(...names, outputText) as (...values: unknown[]) => Promise<void>;
  await body(...names.map((name) => (scope as Record<string, unknown>)[name]));
}

function titleOf({ file, code }: Example): string {
  return `${file}: ${code.trim().split('\n')[0]}`;
}

const examples = [...sources().flatMap(docExamples), ...readmeExamples()];

describe('examples in the documentation run', () => {
  it.each(examples.map((example) => [titleOf(example), example] as const))(
    '%s',
    async (_, example) => {
      expect(example.code).not.toBe('');
      await run(example);
    },
  );
});

it('every function and class that is exported has a doc comment with an example', () => {
  const text = sources()
    .map((file) => readFileSync(new URL(file, root), 'utf8'))
    .join('\n');
  for (const [name, value] of Object.entries({
    ...chainrule,
    ...csv,
    ...pictures,
    ...predicting,
    ...training,
  })) {
    if (typeof value !== 'function') continue;
    const comment = new RegExp(
      `/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*export (?:async )?(?:function|class) ${name}\\b`,
    );
    expect(comment.exec(text)?.[1], name).toContain('@example');
  }
});

it('exports these names and no others', () => {
  expect(Object.keys(chainrule).sort()).toEqual([
    'Dataset',
    'Network',
    'NetworkError',
    'adagrad',
    'adam',
    'adamw',
    'bidirectional',
    'constant',
    'cosine',
    'dense',
    'dropout',
    'embedding',
    'exponential',
    'gru',
    'inverseTime',
    'lstm',
    'metrics',
    'momentum',
    'nesterov',
    'normal',
    'oneCycle',
    'readIdx',
    'readSafetensors',
    'reduceOnPlateau',
    'rmsprop',
    'rnn',
    'sgd',
    'step',
    'uniform',
    'warmUp',
    'writeSafetensors',
  ]);
  expect(Object.keys(csv).sort()).toEqual(['csvBatches', 'csvRecords', 'readCsv']);
});

it('exports these names from chainrule/pictures and no others', () => {
  expect(Object.keys(pictures).sort()).toEqual([
    'drawBoundary',
    'drawConfusion',
    'drawCurves',
    'drawDescent',
    'drawHistograms',
    'drawNetwork',
    'drawTree',
    'gradientFlow',
  ]);
});

it('exports these names from chainrule/train and no others', () => {
  expect(Object.keys(training).sort()).toEqual([
    'Network',
    'NetworkError',
    'adagrad',
    'adam',
    'adamw',
    'dense',
    'dropout',
    'momentum',
    'nesterov',
    'normal',
    'rmsprop',
    'sgd',
    'uniform',
  ]);
});

it('exports these names from chainrule/predict and no others', () => {
  expect(Object.keys(predicting).sort()).toEqual(['NetworkError', 'Predictor']);
});
