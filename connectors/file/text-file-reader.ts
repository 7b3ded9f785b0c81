import { batchRowsMax } from '../batch.ts';
import { ConnectorError, type RejectedRow } from '../connector.ts';
import { openByteSource } from './byte-source.ts';
import { ByteWindow } from './byte-window.ts';
import { CsvDecoder } from '../formats/csv-decoder.ts';
import type { FilePart, FileReader, FileTask } from './file-reader.ts';
import { changedFile, fileFailure } from './file-failure.ts';
import { JsonDecoder } from './json-decoder.ts';
import { RowColumns } from '../formats/row-columns.ts';
import type { RecordDecoder } from '../formats/record-decoder.ts';

/** A batch ends after so many bytes of text, however few its rows. */
const batchBytesMax = 16 << 20;
const newline = 10;
const byteOrderMark = [0xef, 0xbb, 0xbf] as const;

/** Reads CSV or JSON lines. Throws ConnectorError when the file cannot be opened or its header does not fit the table. */
export async function openTextFile(task: FileTask): Promise<FileReader> {
  const { context, settings, file, from } = task;
  const source = await openByteSource(file.path, settings.compression).catch((error: unknown) => {
    throw fileFailure(context.source, file, error);
  });
  const columns = new RowColumns(context.columns, context.needed, { timestampUnit: settings.timestampUnit });
  const decoder = settings.format === 'csv' ? new CsvDecoder(columns, settings) : new JsonDecoder(columns);
  const reader = new TextFileReader(task, new ByteWindow(source), decoder);
  try {
    await reader.begin(decoder instanceof CsvDecoder && settings.header ? decoder : null);
    if (from !== null && (from.byte ?? 0) > 0) await reader.resume(from.row, from.line ?? 1, from.byte ?? 0);
    return reader;
  } catch (error) {
    await reader.close();
    throw error instanceof ConnectorError ? error : fileFailure(context.source, file, error);
  }
}

class TextFileReader implements FileReader {
  readonly #task: FileTask;
  readonly #window: ByteWindow;
  readonly #decoder: RecordDecoder;
  #rejected: RejectedRow[] = [];
  #row = 0;
  #line = 1;
  #failure: ConnectorError | null = null;

  constructor(task: FileTask, window: ByteWindow, decoder: RecordDecoder) {
    this.#task = task;
    this.#window = window;
    this.#decoder = decoder;
  }

  /** Steps over the byte order mark and the header. */
  async begin(headed: CsvDecoder | null): Promise<void> {
    const window = this.#window;
    while (window.end < byteOrderMark.length && !window.atEnd) await window.fill();
    if (byteOrderMark.every((byte, index) => window.bytes[index] === byte && index < window.end)) window.start = byteOrderMark.length;
    if (headed === null) return this.#refuseArray();
    const next = await this.#endOfRecord();
    if (next === null) return;
    if (next === 'too long') throw this.#fault('has a header longer than max_row_bytes', 'is it a CSV file?');
    if (!window.isText(window.start, next)) throw this.#fault('has a header that is not UTF-8', 'convert it, for example with iconv');
    const faults = headed.useHeader(window.bytes);
    if (faults.length > 0) throw this.#fault(faults.join('; '), 'name the columns as in the CREATE TABLE, or set header = false');
    window.start = next;
    this.#line += headed.lines;
  }

  #refuseArray(): void {
    const { settings } = this.#task;
    const first = new TextDecoder().decode(this.#window.bytes.subarray(this.#window.start, Math.min(this.#window.end, 64))).trimStart();
    if (settings.format !== 'json' || !/^\[\s*(\{|$)/.test(first)) return;
    throw this.#fault('is one JSON array, not one object a line', "convert it: jq -c '.[]'");
  }

  async resume(row: number, line: number, byte: number): Promise<void> {
    const window = this.#window;
    if (byte > window.offset) {
      const there = await window.skipTo(byte - 1);
      while (there && window.start === window.end && !window.atEnd) await window.fill();
      if (!there || window.start === window.end) throw changedFile(this.#task.context.source, this.#task.file, 'is shorter than it was');
      const before = window.bytes[window.start];
      window.start++;
      if (window.start === window.end && !window.atEnd) await window.fill();
      if (before !== newline && window.start < window.end) throw changedFile(this.#task.context.source, this.#task.file, 'has changed');
    }
    this.#row = row;
    this.#line = line;
  }

  async next(): Promise<FilePart | null> {
    if (this.#failure !== null) throw this.#failure;
    const { columns } = this.#decoder;
    const first = this.#window.offset;
    this.#rejected = [];
    try {
      while (this.#readRecords(first + batchBytesMax) && (await this.#readAcross()));
    } catch (error) {
      this.#failure = fileFailure(this.#task.context.source, this.#task.file, error, this.#where());
    }
    const rows = columns.rows;
    if (rows === 0 && this.#rejected.length === 0) {
      if (this.#failure !== null) throw this.#failure;
      return null;
    }
    const to = { row: this.#row, line: this.#line, byte: this.#window.offset };
    return { batch: { rows, columns: columns.take() }, rejected: this.#rejected, to };
  }

  close(): Promise<void> {
    return this.#window.close();
  }

  /** Takes whole records from the window, without waiting; false when the batch is full. */
  #readRecords(lastByte: number): boolean {
    const window = this.#window;
    const { bytes, end, atEnd } = window;
    const decoder = this.#decoder;
    for (;;) {
      if (decoder.columns.rows + this.#rejected.length >= batchRowsMax || window.offset >= lastByte) return false;
      const next = window.start < end ? decoder.scan(bytes, window.start, end, atEnd) : -1;
      if (next < 0) return true;
      this.#take(next);
    }
  }

  /** Reads on, and takes the record that stood across the end of the window; false at the end of the file. */
  async #readAcross(): Promise<boolean> {
    const next = await this.#endOfRecord();
    if (next === 'too long') await this.#skipLong(this.#task.settings.rowBytesMax);
    else if (next !== null) this.#take(next);
    return next !== null;
  }

  /** The record scanned, up to `next`. */
  #take(next: number): void {
    const window = this.#window;
    const { bytes, start } = window;
    const { rowBytesMax } = this.#task.settings;
    let outcome: ReturnType<RecordDecoder['decode']>;
    if (next - start > rowBytesMax) outcome = tooLong(rowBytesMax);
    else outcome = window.isText(start, next) ? this.#decoder.decode(bytes) : { reason: 'the record is not valid UTF-8', field: null };
    if (outcome !== 'blank') {
      this.#row++;
      if (outcome !== null) this.#reject(outcome, bytes.slice(start, Math.min(recordEnd(bytes, start, next), start + rowBytesMax)));
    }
    window.start = next;
    this.#line += this.#decoder.lines;
  }

  /** Where the record after the one at hand begins; null at the end of the file. Scanned when it is a number. */
  async #endOfRecord(): Promise<number | 'too long' | null> {
    const window = this.#window;
    for (;;) {
      if (window.start < window.end) {
        const next = this.#decoder.scan(window.bytes, window.start, window.end, window.atEnd);
        if (next >= 0) return next;
        if (window.end - window.start > this.#task.settings.rowBytesMax) return 'too long';
      } else if (window.atEnd) return null;
      await window.fill();
    }
  }

  async #skipLong(kept: number): Promise<void> {
    const window = this.#window;
    const bytes = window.bytes.slice(window.start, window.start + kept);
    const decoder = this.#decoder;
    decoder.beginSkip();
    this.#row++;
    this.#reject(tooLong(kept), bytes);
    for (;;) {
      const next = decoder.skip(window.bytes, window.start, window.end);
      window.start = next < 0 ? window.end : next;
      if (next >= 0 || window.atEnd) break;
      await window.fill();
    }
    this.#line += decoder.lines;
  }

  #reject(fault: { reason: string; field: string | null }, bytes: Uint8Array): void {
    this.#rejected.push({ ...fault, at: `${this.#task.file.name}:${this.#line}`, bytes });
  }

  #where(): string {
    return `after row ${this.#row}, near byte ${this.#window.fileOffset} of the file`;
  }

  #fault(message: string, hint: string): ConnectorError {
    return new ConnectorError(this.#task.context.source, `${this.#task.file.name} ${message}`, hint);
  }
}

function tooLong(rowBytesMax: number): { reason: string; field: null } {
  return { reason: `the record is longer than max_row_bytes (${rowBytesMax} bytes)`, field: null };
}

/** Without the line end. */
function recordEnd(bytes: Uint8Array, start: number, next: number): number {
  let end = next;
  if (end > start && bytes[end - 1] === newline) end--;
  if (end > start && bytes[end - 1] === 13) end--;
  return end;
}
