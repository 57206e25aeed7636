import { expect, it } from 'vitest';
import { runExample } from './run.ts';

it('a run that is killed twice ends as if it had never stopped', () => {
  const { status, out, error } = runExample('resume');
  expect({ status, error }).toEqual({ status: 0, error: '' });
  expect(out.match(/^Killed\. The file holds the run after \d+ epochs/gm)).toHaveLength(2);
  const hashes = out.match(/parameters (\w{16})$/gm);
  expect(hashes).toHaveLength(2);
  expect(new Set(hashes).size).toBe(1);
}, 60_000);
