// A process of its own: prints the milliseconds from importing the library to the first prediction.
const start = performance.now();
const { dense, Network } = await import('chainrule');
const network = new Network(
  {
    input: 784,
    layers: [dense(128, 'relu'), dense(10, 'softmax')],
    loss: 'crossEntropy',
    seed: 1,
  },
  { core: process.argv[2] === 'js' ? 'js' : 'simd' },
);
network.predict(new Float32Array(784));
console.log(performance.now() - start);
