import type { ColumnSpec } from '../data-type.ts';
import type { EventName } from './event-numbers.ts';

function column(name: string, kind: 'bigint' | 'varchar' | 'timestamp'): ColumnSpec {
  return { name, type: { kind }, nullable: false };
}

/** What each kind of event brings; a source declares any of them. */
export const eventColumns: Readonly<Record<EventName, readonly ColumnSpec[]>> = {
  person: [
    column('id', 'bigint'),
    column('name', 'varchar'),
    column('email_address', 'varchar'),
    column('credit_card', 'varchar'),
    column('city', 'varchar'),
    column('state', 'varchar'),
    column('date_time', 'timestamp'),
    column('extra', 'varchar'),
  ],
  auction: [
    column('id', 'bigint'),
    column('item_name', 'varchar'),
    column('description', 'varchar'),
    column('initial_bid', 'bigint'),
    column('reserve', 'bigint'),
    column('date_time', 'timestamp'),
    column('expires', 'timestamp'),
    column('seller', 'bigint'),
    column('category', 'bigint'),
    column('extra', 'varchar'),
  ],
  bid: [
    column('auction', 'bigint'),
    column('bidder', 'bigint'),
    column('price', 'bigint'),
    column('channel', 'varchar'),
    column('url', 'varchar'),
    column('date_time', 'timestamp'),
    column('extra', 'varchar'),
  ],
};
