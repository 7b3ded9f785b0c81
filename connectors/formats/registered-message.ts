import { ValueFault } from './value-fault.ts';

const magic = 0;
/** The magic byte and the schema's number. */
export const registeredHeaderBytes = 5;

/** Number of the schema that a message in Confluent's wire format begins with. Throws ValueFault when it is none. */
export function registeredSchema(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < registeredHeaderBytes) throw new ValueFault(`it has ${end - start} bytes, too few for the number of a schema`);
  if (bytes[start] !== magic) throw new ValueFault(`it does not begin with the number of a schema, but with byte ${bytes[start]}`);
  const at = start + 1;
  const high = (bytes[at] as number) * 2 ** 24;
  return high + ((bytes[at + 1] as number) << 16) + ((bytes[at + 2] as number) << 8) + (bytes[at + 3] as number);
}
