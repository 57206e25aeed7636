import { resolve } from 'node:path';
import webpack from 'webpack';

webpack(
  {
    mode: 'production',
    entry: './main.js',
    output: { path: resolve('dist') },
    performance: { hints: false },
  },
  (error, stats) => {
    if (!error && !stats.hasErrors() && !stats.hasWarnings()) return;
    console.error(error ?? stats.toString('errors-warnings'));
    process.exitCode = 1;
  },
);
