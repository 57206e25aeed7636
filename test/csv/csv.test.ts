import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  csvBatches,
  type CsvOptions,
  csvRecords,
  type CsvSource,
  readCsv,
} from '../../src/csv/index.ts';
import { Dataset, dense, Network } from '../../src/index.ts';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = [];
  for await (const item of items) result.push(item);
  return result;
}

const read = (source: CsvSource, options?: CsvOptions): Promise<unknown[]> =>
  all(csvRecords(source, options));

/** The error of reading, without the prefix. */
async function failure(source: CsvSource, options?: CsvOptions): Promise<string> {
  const error: Error = await read(source, options).then(
    () => expect.fail('nothing was thrown'),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(RangeError);
  return error.message.replace(/^csv: /, '');
}

describe('reading rows', () => {
  it('takes names from the first line, numbers as numbers and names as names', async () => {
    expect(await read('age, name ,score\n41,Jo,-.5e1\n7, Al ,0\n')).toEqual([
      { age: 41, name: 'Jo', score: -5 },
      { age: 7, name: ' Al ', score: 0 },
    ]);
  });

  it('takes names and types that are given', async () => {
    const options = { columns: ['zip', 'n'], types: { zip: 'string' } } as const;
    expect(await read('01234,1\n99999,2', options)).toEqual([
      { zip: '01234', n: 1 },
      { zip: '99999', n: 2 },
    ]);
    expect(await read('a\tb\n1\t"x\ty"', { delimiter: '\t' })).toEqual([{ a: 1, b: 'x\ty' }]);
    expect(await read('a,b\n,1\n', { types: { a: 'string' } })).toEqual([{ a: '', b: 1 }]);
  });

  it('leaves empty lines out, and ends with or without a line break', async () => {
    for (const text of [
      'a\n1\n2',
      'a\n1\n2\n',
      '\n\na\n\n1\n2\n\n',
      'a\r\n1\r\n\r\n2',
      'a\r1\r2',
    ]) {
      expect(await read(text)).toEqual([{ a: 1 }, { a: 2 }]);
    }
    expect(await read('')).toEqual([]);
    expect(await read('a,b')).toEqual([]);
    expect(await read('a,b\r')).toEqual([]);
  });

  it('knows no other numbers than decimal ones', async () => {
    const cells = ['0x10', 'Infinity', '1_000', '1,5', '1e', '.', '', ' '];
    const text = `a\n${cells.map((cell) => `"x${cell}"`).join('\n')}`;
    expect(await read(text)).toEqual(cells.map((cell) => ({ a: `x${cell}` })));
    for (const cell of cells) {
      expect(await failure(`a,b\n1,2\n"${cell}",2\n`)).toMatch(
        /^line 3, column 'a': expected a nu/,
      );
    }
    expect(await failure('a,b\n1,2\n1e999,2\n')).toMatch(/got "1e999"/);
  });

  it('keeps names that look like members of objects', async () => {
    const [record] = await read('__proto__,constructor\n1,2\n');
    expect(Object.entries(record as object)).toEqual([['__proto__', 1], ['constructor', 2]]); // prettier-ignore
  });
});

describe('the text', () => {
  const cell = fc.oneof(
    fc.stringMatching(/^[a-z ,;"\n\r\t]{0,6}$/),
    fc.string({ unit: 'grapheme', maxLength: 4 }),
    fc.constantFrom('"', '""', '\r\n', 'ü', '😀', '\ufeff', ',"', '"\n'),
  );
  const tables = fc.integer({ min: 2, max: 4 }).chain((width) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 8,
    }),
  );
  const plain = /^[^",\r\n]*$/;
  const quote = (text: string, always: boolean): string =>
    always || !plain.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

  it('is read as it was written, quoted or not, with any line end, cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        tables,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.array(fc.nat({ max: 60 }), { maxLength: 30 }).map((lengths) => [...lengths, 1]),
        async (table, lineEnd, always, mark, lastBreak, asBytes, cuts) => {
          const columns = table[0].map((_, column) => `c${column}`);
          const types = Object.fromEntries(columns.map((name) => [name, 'string'] as const));
          const lines = [columns, ...table].map((row) =>
            row.map((text) => quote(text, always)).join(','),
          );
          const text = (mark ? '\ufeff' : '') + lines.join(lineEnd) + (lastBreak ? lineEnd : '');
          const whole = asBytes ? new TextEncoder().encode(text) : text;
          const pieces: (string | Uint8Array)[] = [];
          for (let at = 0; at < whole.length;) {
            const length = cuts[pieces.length % cuts.length];
            pieces.push(whole.slice(at, at + length));
            at += length;
          }
          const expected = table.map((row) =>
            Object.fromEntries(row.map((value, column) => [columns[column], value])),
          );
          expect(await read(pieces, { types })).toEqual(expected);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('comes from streams of every kind', async () => {
    const text = 'a,b\n1,"é"\n2,x\n';
    const bytes = new TextEncoder().encode(text);
    const expected = [
      { a: 1, b: 'é' },
      { a: 2, b: 'x' },
    ];
    const directory = mkdtempSync(join(tmpdir(), 'chainrule-'));
    const path = join(directory, 'table.csv');
    writeFileSync(path, text);
    const oneByOne = async function* () {
      for (const byte of bytes) yield Uint8Array.of(byte);
    };
    const response = new Response(text).body!;
    const sources = [
      bytes,
      oneByOne(),
      response,
      new Blob([text]).stream(),
      createReadStream(path),
    ];
    for (const source of sources) expect(await read(source)).toEqual(expected);
    rmSync(directory, { recursive: true });
  });

  it('is read as it comes, and given up when the loop is left', async () => {
    let [pulled, cancelled] = [0, false];
    const endless = new ReadableStream<string>({
      pull: (controller) => controller.enqueue(pulled++ === 0 ? 'a,b\n' : '1,2\n'.repeat(10)),
      cancel: () => void (cancelled = true),
    });
    let rows = 0;
    for await (const _ of csvRecords(endless)) if (++rows === 25) break;
    expect(cancelled).toBe(true);
    expect(pulled).toBeLessThan(10);
  });

  it('must be UTF-8 text or bytes', async () => {
    await expect(read(Uint8Array.of(97, 10, 0xe9, 10))).rejects.toThrow(/not UTF-8/);
    await expect(read(Uint8Array.of(97, 10, 0xc3))).rejects.toThrow(/not UTF-8/);
    await expect(read(7 as never)).rejects.toThrow(/expected text, bytes, or a stream/);
    await expect(read([7] as never)).rejects.toThrow(/pieces of text or bytes, got 7/);
  });
});

describe('errors', () => {
  it('name line and column, counting the line breaks in cells', async () => {
    const text = 'name,age\n"Doe,\nJane",41\n\n"Roe",n/a\n';
    expect(await failure(text)).toBe(
      'line 5, column \'age\': expected a number, got "n/a". ' +
        "Mend the cell, or leave the row out; if the column holds names, say types: { 'age': 'string' }.",
    );
    expect(await failure('a,b\r\n"\r\n\r\n",1\r\nx,\r\n')).toMatch(
      /^line 5, column 'b': expected a number, got an empty cell\./,
    );
    expect(await failure('a,b\n1,2\n1,2,3\n')).toMatch(/^line 3: expected 2 cells \(a, b\), got 3/);
    expect(await failure(['a,b\n1,', '2\n1\n'])).toMatch(/^line 3: expected 2 cells/);
  });

  it('find quotes that do not match', async () => {
    expect(await failure('a,b\n1,"x\n2,y\n')).toMatch(/^line 2: a quoted cell .* does not end/);
    expect(await failure('a,b\n1,"x"y\n2,z\n')).toMatch(
      /^line 2: there is text behind the closing/,
    );
    const endless = (function* () {
      yield 'a\n"';
      for (;;) yield 'x'.repeat(2 ** 22);
    })();
    expect(await failure(endless)).toMatch(/^line 2: this row has more than 16777216 characters/);
  });

  it('explain a wrong header', async () => {
    expect(await failure('a,a\n1,2\n')).toMatch(/^line 1: the name of column 2 is 'a' again/);
    expect(await failure('a,\n1,2\n')).toMatch(/^line 1: the name of column 2 is empty/);
    expect(await failure('a;b\n1;2\n')).toMatch(/^line 1: there is no "," .* delimiter: ";"\?/);
    expect(await failure('a,b\n1,2\n', { types: { c: 'number' } })).toMatch(
      /^types: there is no column 'c'/,
    );
  });

  it('explain wrong options at once', () => {
    const make = (options: object) => () => csvRecords('', options);
    expect(make({ delimeter: ';' })).toThrow("Did you mean 'delimiter'?");
    for (const delimiter of ['', ', ', '"', '\n']) {
      expect(make({ delimiter })).toThrow(/^delimiter: expected one character/);
    }
    expect(make({ types: { a: 'integer' } })).toThrow(/^types\.a: unknown name 'integer'/);
    expect(make({ columns: ['a', 'a'] })).toThrow(/^columns\[1\]: expected distinct/);
  });
});

describe('a data set from CSV', () => {
  const text = 'petal,colour,species\n1.5,blue,setosa\n4.5,white,versicolor\n1.25,white,setosa\n';

  it('is that of the records', async () => {
    const data = await readCsv(text, { target: 'species' });
    const same = Dataset.fromRecords(
      (await read(text)) as object[],
      { target: 'species' } as never,
    );
    expect(data).toBeInstanceOf(Dataset);
    expect([data.x, data.y, data.input, data.classes]).toEqual([
      same.x,
      same.y,
      same.input,
      same.classes,
    ]);
    const two = await readCsv(text, { target: 'petal', features: ['colour'], delimiter: ',' });
    expect([...two.y]).toEqual([1.5, 4.5, 1.25]);
  });

  it('is refused without rows or with wrong options', async () => {
    await expect(readCsv('a,b\n', { target: 'a' })).rejects.toThrow(/there are no rows of data\.$/);
    await expect(readCsv('/tmp/a.csv', { target: 'a' })).rejects.toThrow(
      'A path is not read: pass createReadStream(path), or the text of the file.',
    );
    await expect(readCsv(text, { traget: 'a' } as never)).rejects.toThrow("Did you mean 'target'?");
    await expect(readCsv(text, { target: 'kind' })).rejects.toThrow(/column 'kind' is missing/);
  });

  it('comes in batches with targets, which a network takes', async () => {
    const batches = await all(csvBatches(text, { target: 'species', batchSize: 2 }));
    expect(batches.map(({ y }) => y)).toEqual([['setosa', 'versicolor'], ['setosa']]);
    const data = await readCsv(text, { target: 'species' });
    const spec = {
      input: data.input,
      classes: data.classes!,
      layers: [dense(2, 'softmax')],
      loss: 'crossEntropy',
      seed: 1,
    } as const;
    const [net, twin] = [new Network(spec), new Network(spec)];
    const [{ x, y }] = batches;
    net.trainBatch(x, y);
    twin.trainBatch(data.x.subarray(0, 6), ['setosa', 'versicolor']);
    expect(net.hash()).toBe(twin.hash());
    const wrong = all(csvBatches(text, { target: 'kind', batchSize: 2 }));
    await expect(wrong).rejects.toThrow("target: there is no column 'kind'. Columns: petal,");
  });
});
