import { NetworkError } from '../errors.ts';
import { messageOf } from './errors.ts';

/** What this file needs of Node's modules; none is imported, so that browsers and bundlers never see one. */
interface FileSystem {
  openSync(path: string, flags: string): number;
  writeSync(file: number, bytes: Uint8Array, offset: number): number;
  fsyncSync(file: number): void;
  closeSync(file: number): void;
  renameSync(from: string, to: string): void;
  rmSync(path: string, options: { force: boolean }): void;
  readdirSync(path: string): string[];
  statSync(
    path: string,
    options: { throwIfNoEntry: false },
  ): { isDirectory(): boolean } | undefined;
}

interface Paths {
  dirname(path: string): string;
  basename(path: string): string;
  join(...parts: string[]): string;
  resolve(path: string): string;
}

interface Process {
  readonly pid: number;
  /** With signal 0: throws unless such a process exists. */
  kill(pid: number, signal: 0): void;
  getBuiltinModule?(name: 'node:fs'): FileSystem;
  getBuiltinModule?(name: 'node:path'): Paths;
}

/**
 * A file that is replaced as a whole: whatever happens, and whenever, it holds what was written before or what is written now.
 *
 * The bytes go to a new file in the same folder first, and are forced to the disk; then it takes the name of the old one, which is one
 * step for the file system; then the folder is forced to the disk.
 */
export class AtomicFile {
  readonly path: string;
  readonly #fs: FileSystem;
  readonly #process: Process;
  readonly #folder: string;
  readonly #temporary: string;

  /**
   * @throws {NetworkError} `WRITE_FAILED` where there are no files, and when the folder does not exist or the path is one
   */
  constructor(path: string) {
    const { process } = globalThis as { process?: Process };
    const fs = process?.getBuiltinModule?.('node:fs');
    const paths = process?.getBuiltinModule?.('node:path');
    if (!fs || !paths) {
      throw new NetworkError(
        'WRITE_FAILED',
        'checkpoint.path: files can be written in Node (20.16, or 22.3 and later) only. Elsewhere, call run.checkpoint() and keep the bytes it gives.',
      );
    }
    this.#fs = fs;
    this.#process = process!;
    this.path = paths.resolve(path);
    this.#folder = paths.dirname(this.path);
    const name = paths.basename(this.path);
    this.#temporary = paths.join(this.#folder, temporaryName(name, process!.pid));
    try {
      this.#check();
      for (const left of this.#leftBehind(name)) {
        fs.rmSync(paths.join(this.#folder, left), { force: true });
      }
    } catch (error) {
      throw error instanceof NetworkError ? error : this.#failed(messageOf(error), error);
    }
  }

  /**
   * Replaces the contents.
   *
   * @throws {NetworkError} `WRITE_FAILED`, naming the path; the old contents are still there
   */
  write(bytes: Uint8Array): void {
    try {
      this.#writeTemporary(bytes);
      this.#fs.renameSync(this.#temporary, this.path);
      this.#syncFolder();
    } catch (error) {
      this.#fs.rmSync(this.#temporary, { force: true });
      throw this.#failed(messageOf(error), error);
    }
  }

  /** What can be known before training is said before training. */
  #check(): void {
    const stat = (file: string): ReturnType<FileSystem['statSync']> =>
      this.#fs.statSync(file, { throwIfNoEntry: false });
    const folder = stat(this.#folder);
    if (!folder) throw this.#failed(`there is no folder ${this.#folder}. Make it first.`);
    if (!folder.isDirectory()) {
      throw this.#failed(`${this.#folder} is no folder. Choose one that is.`);
    }
    if (stat(this.path)?.isDirectory()) {
      throw this.#failed('it is a folder. Add the name of a file.');
    }
  }

  /** New files that never took their name, because the process that wrote them was killed. */
  #leftBehind(name: string): string[] {
    return this.#fs.readdirSync(this.#folder).filter((other) => {
      const pid = Number(/\.(\d+)\.tmp$/.exec(other)?.[1] ?? NaN);
      return other === temporaryName(name, pid) && !this.#isAlive(pid);
    });
  }

  #isAlive(pid: number): boolean {
    try {
      this.#process.kill(pid, 0);
      return true;
    } catch (error) {
      return (error as { code?: string }).code !== 'ESRCH';
    }
  }

  #writeTemporary(bytes: Uint8Array): void {
    const file = this.#fs.openSync(this.#temporary, 'w');
    try {
      for (let done = 0; done < bytes.length;) done += this.#fs.writeSync(file, bytes, done);
      this.#fs.fsyncSync(file);
    } finally {
      this.#fs.closeSync(file);
    }
  }

  /** Windows cannot open a folder; there the name is forced to the disk with the file. */
  #syncFolder(): void {
    let folder: number;
    try {
      folder = this.#fs.openSync(this.#folder, 'r');
    } catch {
      return;
    }
    try {
      this.#fs.fsyncSync(folder);
    } finally {
      this.#fs.closeSync(folder);
    }
  }

  #failed(reason: string, cause?: unknown): NetworkError {
    return new NetworkError(
      'WRITE_FAILED',
      `the checkpoint ${this.path} cannot be written: ${reason}`,
      cause,
    );
  }
}

/** Each process writes a file of its own, so that two that mistake each other's checkpoint for theirs still leave a whole one. */
function temporaryName(name: string, pid: number): string {
  return `.${name}.${pid}.tmp`;
}
