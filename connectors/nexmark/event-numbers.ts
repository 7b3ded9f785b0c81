/** Of each 50 events the first is a person, the next three are auctions, the rest bids. Persons and auctions are numbered densely. */
export const eventsPerRound = 50;
export const auctionsPerRound = 3;
export const firstId = 1000;

export type EventName = 'person' | 'auction' | 'bid';
export const eventNames: readonly EventName[] = ['person', 'auction', 'bid'];

export function eventKind(event: number): EventName {
  const place = event % eventsPerRound;
  return place === 0 ? 'person' : place <= auctionsPerRound ? 'auction' : 'bid';
}

/** Number (from 0) of the newest person at an event. */
export function newestPerson(event: number): number {
  return Math.floor(event / eventsPerRound);
}

/** Number (from 0) of the newest auction at an event; -1 before the first. */
export function newestAuction(event: number): number {
  const place = event % eventsPerRound;
  const before = auctionsPerRound * Math.floor(event / eventsPerRound);
  return place === 0 ? before - 1 : before + Math.min(place - 1, auctionsPerRound - 1);
}

/** Rows of one kind among events [from, to). */
export function rowsBetween(kind: EventName, from: number, to: number): number {
  return rowsBefore(kind, to) - rowsBefore(kind, from);
}

function rowsBefore(kind: EventName, event: number): number {
  const rounds = Math.floor(event / eventsPerRound);
  const place = event % eventsPerRound;
  if (kind === 'person') return rounds + Math.min(place, 1);
  if (kind === 'auction') return rounds * auctionsPerRound + Math.min(Math.max(place - 1, 0), auctionsPerRound);
  return rounds * (eventsPerRound - auctionsPerRound - 1) + Math.max(place - auctionsPerRound - 1, 0);
}
