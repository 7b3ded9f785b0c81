/** What Hive, Spark and DuckDB take for NULL. */
const nullFolder = '__HIVE_DEFAULT_PARTITION__';
/** Longest name of a folder that every usual file system takes, in bytes. */
const nameBytesMax = 255;

/** `column=value` as the name of one folder: bytes that a file system or a reader could misread as `%XX`. */
export function partitionFolder(column: string, value: string | null): string {
  const name = `${escaped(column)}=${value === null ? nullFolder : escaped(value)}`;
  if (name.length > nameBytesMax) {
    throw new RangeError(`a value of ${column} is too long for the name of a folder (${name.length} bytes): ${name.slice(0, 40)}...`);
  }
  return name;
}

function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*~]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}
