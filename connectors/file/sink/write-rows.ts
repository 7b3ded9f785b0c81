import type { Batch, Column } from '../../batch.ts';
import { jsonCells } from '../../cells/json-cell.ts';
import { textCells } from '../../cells/text-cell.ts';
import type { ColumnSpec } from '../../data-type.ts';
import { operationColumn } from '../../sink.ts';
import { partitionFolder } from './partition-folder.ts';
import type { SinkSettings } from './sink-settings.ts';

/** Records of one epoch for one folder, as they go to a part file. */
export interface FolderRows {
  readonly records: string[];
  rows: number;
}

/** Turns batches into text records, by folder. Parts of Parquet files are JSON lines until they are put together. */
export class RowWriter {
  readonly #settings: SinkSettings;
  readonly #columns: readonly ColumnSpec[];
  readonly #changes: boolean;

  constructor(settings: SinkSettings, columns: readonly ColumnSpec[], changes: boolean) {
    this.#settings = settings;
    this.#columns = columns;
    this.#changes = changes;
  }

  /** Line that begins each CSV file; empty where there is none. */
  get header(): string {
    const { format, header, partitionBy } = this.#settings;
    if (format !== 'csv' || !header) return '';
    const names = this.#columns.map((column) => column.name).filter((name) => !partitionBy.includes(name));
    return `${[...names, ...(this.#changes ? [operationColumn] : [])].map(csvField).join(',')}\n`;
  }

  write(batch: Batch, into: Map<string, FolderRows>): void {
    const folderOf = this.#folders(batch);
    const recordOf = this.#settings.format === 'csv' ? this.#csvRecords(batch) : this.#jsonRecords(batch);
    for (let row = 0; row < batch.rows; row++) {
      const weight = batch.weights?.[row] ?? 1;
      if (weight === 0) continue;
      const folder = folderOf(row);
      let rows = into.get(folder);
      if (rows === undefined) {
        rows = { records: [], rows: 0 };
        into.set(folder, rows);
      }
      const record = recordOf(row, weight > 0 ? 'insert' : 'delete');
      for (let times = Math.abs(weight); times > 0; times--) rows.records.push(record);
      rows.rows += Math.abs(weight);
    }
  }

  #folders(batch: Batch): (row: number) => string {
    const { partitionBy } = this.#settings;
    if (partitionBy.length === 0) return () => '';
    const parts = partitionBy.map((name) => {
      const cells = textCells(batch.columns[this.#columns.findIndex((column) => column.name === name)] as Column);
      const known = new Map<string | null, string>();
      return (row: number): string => {
        const value = cells(row);
        const folder = known.get(value) ?? partitionFolder(name, value);
        known.set(value, folder);
        return folder;
      };
    });
    return (row) => parts.map((part) => part(row)).join('/');
  }

  #written(batch: Batch): { readonly name: string; readonly column: Column }[] {
    const { partitionBy } = this.#settings;
    const all = this.#columns.map(({ name }, index) => ({ name, column: batch.columns[index] as Column }));
    return all.filter(({ name }) => !partitionBy.includes(name));
  }

  #jsonRecords(batch: Batch): (row: number, operation: string) => string {
    const form = { exact: this.#settings.format === 'parquet' };
    const cells = this.#written(batch).map(({ name, column }) => ({ lead: `${JSON.stringify(name)}:`, cell: jsonCells(column, form) }));
    return (row, operation) => {
      let text = '{';
      for (let index = 0; index < cells.length; index++) {
        const { lead, cell } = cells[index] as (typeof cells)[number];
        text += `${index === 0 ? '' : ','}${lead}${cell(row)}`;
      }
      return this.#changes ? `${text},"${operationColumn}":"${operation}"}\n` : `${text}}\n`;
    };
  }

  #csvRecords(batch: Batch): (row: number, operation: string) => string {
    const cells = this.#written(batch).map(({ column }) => textCells(column));
    return (row, operation) => {
      const fields = cells.map((cell) => {
        const text = cell(row);
        return text === null ? '' : csvField(text);
      });
      return `${(this.#changes ? [...fields, operation] : fields).join(',')}\n`;
    };
  }
}

/** An empty field is NULL, a quoted empty one an empty string. */
function csvField(text: string): string {
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
