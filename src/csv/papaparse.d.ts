/** The part of Papa Parse used here: its parser of text, without its readers of files, downloads and workers. */
declare module 'papaparse' {
  interface Result {
    readonly data: string[][];
    readonly errors: readonly { readonly code: string; readonly row: number }[];
    readonly meta: { readonly cursor: number };
  }

  class Parser {
    constructor(config: { readonly delimiter: string; readonly newline: string });
    /** Parses text; `cursor` is where a last row that was left out begins. */
    parse(text: string, baseIndex: number, ignoreLastRow: boolean): Result;
  }

  const Papa: { readonly Parser: typeof Parser };
  // eslint-disable-next-line import/no-default-export -- it is one
  export default Papa;
}
