import { describe, expect, it } from 'vitest';
import { adam, bidirectional, dense, embedding, gru, lstm, Network, rnn } from '../../src/index.ts';
import {
  drawBoundary,
  drawConfusion,
  drawCurves,
  drawDescent,
  drawHistograms,
  drawNetwork,
  drawTree,
  gradientFlow,
} from '../../src/pictures/index.ts';

// Pictures were looked at, on light and dark pages; what the eye cannot promise for every input is tested here.

const xor = {
  x: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  y: [[0], [1], [1], [0]],
};

function train(epochs: number): { net: Network; history: ReturnType<Network['fitSync']> } {
  const layers = [dense(4, 'tanh'), dense(1, 'sigmoid')];
  const net = new Network({ input: 2, layers, loss: 'binaryCrossEntropy', seed: 1 });
  const optimizer = adam({ learningRate: 0.05 });
  const history = net.fitSync(xor, { epochs, batchSize: 4, optimizer, validation: xor });
  return { net, history };
}

const { net, history } = train(200);
const six = Array.from({ length: 5 }, () => dense(10, 'sigmoid'));
const deep = new Network({
  input: 2,
  layers: [...six, dense(1, 'sigmoid')],
  loss: 'halfSquaredError',
  seed: 1,
});
const wide = new Network({
  input: 64,
  layers: [dense(30, 'relu'), dense(10, 'softmax')],
  loss: 'crossEntropy',
  seed: 1,
});
const recurrent = new Network({
  input: { features: 2 },
  layers: [lstm(3), dense(1)],
  loss: 'huber',
  seed: 1,
});
const digit = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));

const pictures: Record<string, string> = {
  network: drawNetwork(net, { title: 'a < b & "c"' }),
  'a large network': drawNetwork(wide, { width: 900 }),
  curves: drawCurves(history, { title: 'a < b & "c"' }),
  'curves of two runs': drawCurves({ short: train(10).history, 'long & <b>': history }),
  'a curve of one point': drawCurves({ reports: [{ epoch: 1, cost: 1 }] }),
  boundary: drawBoundary(net, xor, { title: 'a < b & "c"' }),
  'boundary of labels': drawBoundary(
    net,
    { x: xor.x, y: [0, 1, 1, 0] },
    { x: [-1, 2], y: [-1, 2] },
  ),
  histograms: drawHistograms(net.trace(xor.x, xor.y), { title: 'a < b & "c"' }),
  'histograms of a recurrent network': drawHistograms(
    recurrent.trace(
      [
        [
          [1, 2],
          [0, 1],
        ],
        [[1, 1]],
      ],
      [[1], [0]],
    ),
  ),
  'histograms of a deep network': drawHistograms(deep.trace(xor.x, xor.y)),
  confusion: drawConfusion(
    [
      [5, 0],
      [1, 4],
    ],
    { classes: ['a<b', 'c&d'] },
  ),
  descent: drawDescent((w) => w * w, { a: [-1.5, 0.5, 3, -9] }, { x: [-2, 2], y: [0, 4] }),
  'descent in a plane': drawDescent(
    (u, v) => u * u + v * v,
    {
      a: [
        [1, 1],
        [0.5, 0.5],
      ],
      b: [
        [1, 0],
        [9, 9],
      ],
    },
    { x: [-2, 2], y: [-2, 2] },
  ),
  tree: drawTree(net.explain([[0, 1]], [[1]], { layer: 0, to: 2, from: 1 }), {
    title: 'a < b & "c"',
  }),
  'tree of a large network': drawTree(wide.explain(digit, [3], { layer: 0, to: 2, from: 5 })),
};

/** Fails unless every element is closed in its order and every & is part of an entity. */
function checkMarkup(svg: string): void {
  const open: string[] = [];
  for (const [, closing, name, , empty] of svg.matchAll(
    /<(\/?)([a-z]+)((?:\s[\w:-]+="[^"<>]*")*)(\/?)>/g,
  )) {
    if (closing) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name!);
  }
  expect(open).toEqual([]);
  expect(svg.replace(/<\/?[a-z]+(?:\s[\w:-]+="[^"<>]*")*\/?>/g, '')).not.toMatch(/[<>]/);
  expect(svg.replace(/&(?:amp|lt|gt|quot);/g, '')).not.toContain('&');
}

describe.each(Object.entries(pictures))('%s', (_, svg) => {
  it('is well-formed, has no number that is none, and stands alone', () => {
    checkMarkup(svg);
    expect(svg).not.toMatch(/NaN|undefined|Infinity|null/);
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 [\d.]+ [\d.]+" width="[\d.]+" height="[\d.]+" role="img"/,
    );
    expect(svg).not.toMatch(/(?:href|src|url\()/);
  });

  it('describes itself, and has colours for dark pages', () => {
    expect(svg).toMatch(/<title>[^<]{10,}<\/title>/);
    expect(svg).toContain('@media(prefers-color-scheme:dark)');
    const used = new Set(
      [...svg.matchAll(/cr-(?:fill|stroke)-\w+(?=[ "])/g)].map(([name]) => name),
    );
    for (const name of used) expect(svg, name).toContain(`.${name}{`);
  });

  it('stays within its frame', () => {
    const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!.map(Number);
    for (const [, x, y] of svg.matchAll(/<(?:circle|rect) c?x="(-?[\d.]+)" c?y="(-?[\d.]+)"/g)) {
      expect(Number(x)).toBeLessThanOrEqual(width!);
      expect(Number(y)).toBeLessThanOrEqual(height!);
    }
  });
});

it('draws each weight once, the wider the larger, in the colour of its sign', () => {
  const svg = drawNetwork(net);
  const lines = [
    ...svg.matchAll(/<line [^>]*stroke-width="([\d.]+)"[^>]*class="cr-stroke-(\w+)"/g),
  ];
  expect(lines).toHaveLength(2 * 4 + 4);
  const weights = [...net.parameters[0]!.get()];
  const drawn = lines.slice(0, 8).map(([, , role]) => role);
  expect(drawn.filter((role) => role === 'negative')).toHaveLength(
    weights.filter((w) => w < 0).length,
  );
  const bySize = lines.slice(0, 8).map(([, width]) => Number(width));
  expect(bySize).toEqual([...bySize].sort((a, b) => a - b));
  expect(bySize.at(-1)).toBe(5);
  expect(() => drawNetwork({ parameters: [], spec: net.spec })).toThrow(/dense layer/);
});

it('draws recurrent layers and embeddings with the weights of their input', () => {
  const lines = (svg: string): number => svg.match(/<line /g)!.length;
  const title = (svg: string): string | undefined => /<title>([^<]*)/.exec(svg)?.[1];
  const simple = new Network({
    input: { features: 2 },
    layers: [rnn(4), dense(1, 'sigmoid')],
    loss: 'binaryCrossEntropy',
    seed: 1,
  });
  expect(title(drawNetwork(simple))).toBe('A network: 2 inputs, 4 rnn, 1 sigmoid');
  expect(lines(drawNetwork(simple))).toBe(2 * 4 + 4);
  const words = new Network({
    input: { vocabulary: 5 },
    layers: [embedding(5, 3), bidirectional(gru(2)), dense(1)],
    loss: 'huber',
    seed: 1,
  });
  expect(title(drawNetwork(words))).toBe(
    'A network: 5 inputs, 3 embedding, 4 gru, both ways, 1 linear',
  );
  expect(lines(drawNetwork(words))).toBe(5 * 3 + 3 * 4 + 4);
  checkMarkup(drawNetwork(words));
});

it('draws of several gates the largest weight', () => {
  const roles = (svg: string): number => svg.match(/<line [^>]*cr-stroke-negative/g)?.length ?? 0;
  const spec = (Wx: number[][]): Network =>
    new Network({
      input: { features: 1 },
      layers: [lstm(1, { init: { Wx } }), dense(1, 'linear', { init: { W: [[1]] } })],
      loss: 'huber',
      seed: 1,
    });
  expect(roles(drawNetwork(spec([[1], [2], [-3], [0]])))).toBe(1);
  expect(roles(drawNetwork(spec([[1], [4], [-3], [0]])))).toBe(0);
});

it('draws the weights of an embedding from each token to each of its numbers', () => {
  const E = [
    [1, -5],
    [1, 1],
    [1, 1],
  ];
  const words = new Network({
    input: { vocabulary: 3 },
    layers: [
      embedding(3, 2, { init: E }),
      rnn(2, {
        init: {
          Wx: [
            [1, 1],
            [1, 1],
          ],
        },
      }),
    ],
    loss: 'huber',
    seed: 1,
  });
  const svg = drawNetwork(words);
  const heights = [...svg.matchAll(/<circle [^>]*cy="([\d.]+)"/g)].map(([, cy]) => cy);
  const negative = /<line x1="[\d.]+" y1="([\d.]+)" x2="[\d.]+" y2="([\d.]+)"[^>]*negative/.exec(
    svg,
  )!;
  expect(negative.slice(1)).toEqual([heights[0], heights[3 + 1]]);
});

it('puts a cost that falls far on a logarithmic scale, and compares runs by name', () => {
  expect(pictures['curves']).toContain('>0.1<');
  expect(pictures['curves of two runs']).toContain('long &amp; &lt;b&gt;, training');
  expect(() => drawCurves({ reports: [] })).toThrow(/at least one epoch/);
});

it('separates the classes of XOR where the network does', () => {
  // The dark line lies between 0 and 1 along the lower edge, where the answer changes from 0 to 1.
  expect(pictures['boundary']).toContain('stroke="#1f2328"');
  expect(() => drawBoundary(net, { x: [[1, 2, 3]], y: [0] })).toThrow(/rows of two numbers/);
  expect(() => drawBoundary(net, { x: [], y: [] })).toThrow(RangeError);
  const draw = drawBoundary as (...args: unknown[]) => string;
  for (const data of [undefined, null, {}, { x: xor.x }]) {
    expect(() => draw(net, data)).toThrow(TypeError);
    expect(() => draw(net, data)).toThrow(/drawBoundary: data: expected \{ x, y \}/);
  }
});

it('refuses matrices that are not square and descents without steps', () => {
  expect(() => drawConfusion([[1, 2]])).toThrow(/square/);
  expect(() => drawConfusion([[1]], { classes: ['a', 'b'] })).toThrow(/2 names/);
  expect(() => drawDescent((w) => w, {}, { x: [0, 1], y: [0, 1] })).toThrow(/at least one run/);
});

it('writes the partial derivative of every edge that it draws', () => {
  const explanation = net.explain([[0, 1]], [[1]], { layer: 0, to: 2, from: 1 });
  const svg = drawTree(explanation);
  for (const { label } of explanation.tree.edges)
    expect(svg).toContain(`>${label.replace(/ = .*/, '')}<`);
});

describe('the flow of gradients', () => {
  const verdicts = (network: Network, x: number[][], y: number[][]): string[] =>
    gradientFlow(network.trace(x, y)).map(({ verdict }) => verdict);

  it('is healthy in a small network', () => {
    const fresh = train(1).net;
    expect(verdicts(fresh, xor.x, xor.y)).toEqual(['healthy', 'healthy']);
  });

  it('vanishes in a deep sigmoid network', () => {
    expect(verdicts(deep, xor.x, xor.y)[0]).toBe('vanishing');
    expect(pictures['histograms of a deep network']).toContain('vanishing');
  });

  it('explodes where weights are large', () => {
    const layers = Array.from({ length: 5 }, () => dense(20, 'linear', { init: 'nielsenLarge' }));
    const network = new Network({
      input: 2,
      layers: [...layers, dense(1)],
      loss: 'halfSquaredError',
      seed: 1,
    });
    const flow = gradientFlow(network.trace(xor.x, xor.y));
    expect(flow[0]!.ratio).toBeGreaterThan(100);
    const larger = new Network({
      input: 2,
      layers: [...layers, ...layers, dense(1)],
      loss: 'halfSquaredError',
      seed: 1,
    });
    expect(verdicts(larger, xor.x, xor.y)[0]).toBe('exploding');
  });

  describe.each(['rnn', 'backwards'])('through time, %s', (kind) => {
    const flow = (scale: number, steps: number): ReturnType<typeof gradientFlow> => {
      const layer = rnn(2, {
        activation: 'relu',
        init: {
          Wh: [
            [scale, 0],
            [0, scale],
          ],
          Wx: [[1], [1]],
        },
      });
      const network = new Network({
        input: { features: 1 },
        layers: [kind === 'rnn' ? layer : bidirectional(layer), dense(1)],
        loss: 'halfSquaredError',
        seed: 1,
      });
      const x = [steps, 3].map((length) => Array.from({ length }, () => [1]));
      return gradientFlow(network.trace(x, [[1], [0]])).slice(0, -1);
    };

    it('vanishes, explodes, or is healthy', () => {
      for (const layer of flow(0.5, 40)) {
        expect(layer.verdict).toBe('vanishing');
        expect(layer.throughTime).toBeLessThan(1e-3);
      }
      for (const { verdict } of flow(2, 40)) expect(verdict).toBe('exploding');
      for (const { verdict } of flow(1, 40)) expect(verdict).toBe('healthy');
      for (const { throughTime } of flow(0.5, 1)) expect(throughTime).toBeLessThanOrEqual(1);
    });
  });

  it('has no time in dense layers', () => {
    expect(gradientFlow(net.trace(xor.x, xor.y))[0]!.throughTime).toBeUndefined();
  });

  it('finds saturated and dead neurons', () => {
    const init = {
      W: [
        [50, 50],
        [-50, 50],
      ],
      b: [30, -30],
    };
    const saturated = new Network({
      input: 2,
      layers: [dense(2, 'tanh', { init }), dense(1)],
      loss: 'huber',
      seed: 1,
    });
    expect(gradientFlow(saturated.trace(xor.x, xor.y))[0]!.saturated).toBe(1);
    const dead = new Network({
      input: 2,
      layers: [
        dense(2, 'relu', {
          init: {
            W: [
              [1, 1],
              [1, 1],
            ],
            b: [-5, -5],
          },
        }),
        dense(1),
      ],
      loss: 'huber',
      seed: 1,
    });
    expect(verdicts(dead, xor.x, xor.y)[0]).toBe('dead');
  });
});
