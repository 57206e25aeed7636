import { describe } from '../errors.ts';

/** Where CSV comes from: text, bytes in UTF-8, or a stream of either, such as a file stream of Node or the body of a response. */
export type CsvSource =
  | string
  | Uint8Array
  | ReadableStream<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>
  | Iterable<string | Uint8Array>;

/**
 * The text of a source, piece by piece as it comes, without a byte order mark.
 *
 * @throws {TypeError} for a source or a piece that is neither text nor bytes, and for bytes that are not UTF-8
 */
export async function* textOf(source: CsvSource): AsyncGenerator<string, void> {
  // The decoder keeps the bytes of a character that is cut in two.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let first = true;
  for await (const piece of piecesOf(source)) {
    const text = decode(decoder, piece);
    if (text === '') continue;
    yield first && text.startsWith('\ufeff') ? text.slice(1) : text;
    first = false;
  }
  decode(decoder, undefined);
}

function decode(decoder: TextDecoder, piece: string | Uint8Array | undefined): string {
  if (typeof piece === 'string') return piece;
  if (piece !== undefined && !ArrayBuffer.isView(piece)) {
    throw new TypeError(`csv: expected pieces of text or bytes, got ${describe(piece)}.`);
  }
  try {
    return piece ? decoder.decode(piece, { stream: true }) : decoder.decode();
  } catch (error) {
    throw new TypeError(
      'csv: the bytes are not UTF-8. Save the file as UTF-8, or decode it with a TextDecoder of its encoding first.',
      { cause: error },
    );
  }
}

function piecesOf(
  source: CsvSource,
): AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array> {
  if (typeof source === 'string' || ArrayBuffer.isView(source)) return [source];
  if (typeof source === 'object' && source !== null) {
    // Not every engine can loop over a ReadableStream.
    if ('getReader' in source) return readStream(source);
    if (Symbol.asyncIterator in source || Symbol.iterator in source) return source;
  }
  throw new TypeError(
    `csv: expected text, bytes, or a stream of them, got ${describe(source)}. ` +
      'Of a file give file.stream(), of a response its body, of a path createReadStream(path).',
  );
}

async function* readStream<T>(stream: ReadableStream<T>): AsyncGenerator<T, void> {
  const reader = stream.getReader();
  let complete = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      complete = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!complete) await reader.cancel();
    reader.releaseLock();
  }
}
