import { readFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';

/** Where the numbers come from. */
export function describeMachine() {
  const cores = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    chainrule: versionIn('../package.json'),
    assemblyscript: versionIn('../node_modules/assemblyscript/package.json'),
  };
}

/** @param {string} file - a package.json, relative to this file */
function versionIn(file) {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')).version;
}
