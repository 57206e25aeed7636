import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Runs the smallest end-to-end proof first: when it fails, nothing else is worth reading. */
class TinyFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isTiny = (file: TestSpecification): boolean => file.moduleId.endsWith('/tiny.test.ts');
    const sorted = await super.sort(files);
    return [...sorted.filter(isTiny), ...sorted.filter((file) => !isTiny(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/browser/packed.ts'],
    // No test waits for long, but a busy machine may: a bundler or a browser then takes its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests train on nonsense, so what is said about their data is noise; test/doctor looks at it.
    onConsoleLog: (log) => !log.startsWith('chainrule: '),
    sequence: { sequencer: TinyFirst },
  },
});
