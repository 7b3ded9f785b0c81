import type { DecoderExports } from './decoder-module.ts';

/** What the generated decoder of JSON exports besides. Addresses come as signed numbers: `>>> 0` before use. */
export interface JsonExports extends DecoderExports {
  /** Arrays of u32 addresses and i32 lengths; how many records it has left to the host. */
  decode(addresses: number, lengths: number, rows: number): number;
  /** The block of columns that `jsonLayout` describes. */
  columnsAddress(): number;
  /** u32 numbers of the records left. */
  bailedAddress(): number;
  /** u32 by column from the value: rows of the last call that are NULL. */
  nullsAddress(): number;
  /** 64 bytes each. */
  dictionariesAddress(): number;
  dictionaryCode(dictionary: number, address: number, length: number): number;
  resetDictionary(dictionary: number): void;
  /** Where the host writes `powersOfTen`. */
  doublePowersAddress(): number;
  unknownNames(): number;
  /** Number -1 stands for all names beyond the bound. */
  unknownName(index: number): number;
  unknownLength(index: number): number;
  unknownTimes(index: number): number;
}
