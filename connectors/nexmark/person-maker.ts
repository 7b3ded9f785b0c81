import type { Column } from '../batch.ts';
import { StringDictionary } from '../string-dictionary.ts';
import { type EventContext, type EventMaker, finishColumns } from './event-maker.ts';
import { firstId, newestPerson } from './event-numbers.ts';
import { drawPadding, drawText } from './letters.ts';
import { CodeColumn, LongColumn, TextColumn } from './row-columns.ts';

const firstNames = ['Peter', 'Paul', 'Luke', 'John', 'Saul', 'Vicky', 'Kate', 'Julie', 'Sarah', 'Deiter', 'Walter'];
const lastNames = ['Shultz', 'Abrams', 'Spencer', 'White', 'Bartels', 'Walton', 'Smith', 'Jones', 'Noris'];
const cities = ['Phoenix', 'Los Angeles', 'San Francisco', 'Boise', 'Portland', 'Bend', 'Redmond', 'Seattle', 'Kent', 'Cheyenne'];
const states = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY'];
const names = firstNames.flatMap((first) => lastNames.map((last) => `${first} ${last}`));
const userLengthMax = 7;
const domainLengthMax = 5;
const topDomain = new TextEncoder().encode('.com');
const emailBytesMax = userLengthMax + 1 + domainLengthMax + topDomain.length;
const cardBytes = 19;
const cardGroups = 4;
const idBytes = 8;
const recordBytes = 200;
const extraBytesMax = 240;
const [zero, space, at] = [48, 32, 64];

function dictionaryOf(texts: readonly string[]): StringDictionary {
  const dictionary = new StringDictionary();
  for (const text of texts) dictionary.intern(text);
  return dictionary;
}

/** A person: name, address and card are drawn independently of all others. */
export class PersonMaker implements EventMaker {
  readonly #context: EventContext;
  readonly #wanted: ReadonlySet<string>;
  readonly #unseen = new Uint8Array(emailBytesMax);
  readonly #dictionaries = { name: dictionaryOf(names), city: dictionaryOf(cities), state: dictionaryOf(states) };
  #id: LongColumn | null = null;
  #time: LongColumn | null = null;
  #name: CodeColumn | null = null;
  #city: CodeColumn | null = null;
  #state: CodeColumn | null = null;
  #email: TextColumn | null = null;
  #card: TextColumn | null = null;
  #extra: TextColumn | null = null;

  constructor(context: EventContext, wanted: ReadonlySet<string>) {
    this.#context = context;
    this.#wanted = wanted;
  }

  begin(rows: number): void {
    const code = (name: 'name' | 'city' | 'state'): CodeColumn | null =>
      this.#wanted.has(name) ? new CodeColumn(rows, this.#dictionaries[name]) : null;
    const text = (name: string, bytesMax: number): TextColumn | null => (this.#wanted.has(name) ? new TextColumn(rows, bytesMax) : null);
    this.#id = this.#wanted.has('id') ? new LongColumn(rows) : null;
    this.#time = this.#wanted.has('date_time') ? new LongColumn(rows, 'timestamp') : null;
    this.#name = code('name');
    this.#city = code('city');
    this.#state = code('state');
    this.#email = text('email_address', emailBytesMax);
    this.#card = text('credit_card', cardBytes);
    this.#extra = text('extra', extraBytesMax);
  }

  make(event: number, row: number): void {
    const { random, timeOf } = this.#context;
    this.#id?.set(row, newestPerson(event) + firstId);
    this.#time?.set(row, timeOf(event) * 1000);
    const first = random.below(firstNames.length);
    const name = first * lastNames.length + random.below(lastNames.length);
    this.#name?.set(row, name);
    const emailBytes = this.#drawEmail(row);
    this.#drawCard(row);
    const city = random.below(cities.length);
    this.#city?.set(row, city);
    const state = random.below(states.length);
    this.#state?.set(row, state);
    const current = idBytes + lengthOf(names, name) + emailBytes + cardBytes + lengthOf(cities, city) + lengthOf(states, state);
    const extra = this.#extra;
    const length = drawPadding(random, current, recordBytes, extra === null ? null : extra.bytes, extra === null ? 0 : extra.at);
    extra?.add(row, length);
  }

  #drawEmail(row: number): number {
    const { random } = this.#context;
    const column = this.#email;
    const bytes = column?.bytes ?? this.#unseen;
    const start = column?.at ?? 0;
    let end = start + drawText(random, userLengthMax, space, bytes, start);
    bytes[end++] = at;
    end += drawText(random, domainLengthMax, space, bytes, end);
    for (const letter of topDomain) bytes[end++] = letter;
    column?.add(row, end - start);
    return end - start;
  }

  #drawCard(row: number): void {
    const column = this.#card;
    const bytes = column?.bytes ?? this.#unseen;
    let end = column?.at ?? 0;
    for (let group = 0; group < cardGroups; group++) {
      const digits = this.#context.random.below(10_000);
      if (column === null) continue;
      if (group > 0) bytes[end++] = space;
      for (let unit = 1000; unit >= 1; unit /= 10) bytes[end++] = zero + (Math.floor(digits / unit) % 10);
    }
    column?.add(row, cardBytes);
  }

  finish(): ReadonlyMap<string, Column> {
    return finishColumns({
      id: this.#id,
      name: this.#name,
      email_address: this.#email,
      credit_card: this.#card,
      city: this.#city,
      state: this.#state,
      date_time: this.#time,
      extra: this.#extra,
    });
  }
}

function lengthOf(texts: readonly string[], index: number): number {
  return (texts[index] as string).length;
}
