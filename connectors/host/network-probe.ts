import { readFile } from 'node:fs/promises';
import { Increases, type Probe, type Sample } from './sample.ts';
import { systemInformation } from './system-information.ts';

interface InterfaceCounters {
  readonly device: string;
  readonly received: number;
  readonly transmitted: number;
  readonly receiveErrors: number;
  readonly transmitErrors: number;
}

/** `system.network.io` and `system.network.errors` by interface and direction: the increase since the sample before. */
export class NetworkProbe implements Probe {
  readonly name = 'network';
  readonly #increases = new Increases();

  async read(): Promise<readonly Sample[]> {
    const interfaces = process.platform === 'linux' ? parseNetDev(await readFile('/proc/net/dev', 'utf8')) : await allInterfaces();
    const samples = interfaces.flatMap((each) => [
      ...this.#one('system.network.io', 'By', each.device, 'receive', each.received),
      ...this.#one('system.network.io', 'By', each.device, 'transmit', each.transmitted),
      ...this.#one('system.network.errors', '{error}', each.device, 'receive', each.receiveErrors),
      ...this.#one('system.network.errors', '{error}', each.device, 'transmit', each.transmitErrors),
    ]);
    this.#increases.endRound();
    return samples;
  }

  #one(name: string, unit: 'By' | '{error}', device: string, direction: string, total: number): readonly Sample[] {
    const value = this.#increases.of(`${name} ${device} ${direction}`, total);
    return value === null ? [] : [{ name, value, unit, device, direction }];
  }
}

/** Text of /proc/net/dev. Interfaces that never carried anything are left out, but for the loopback. */
export function parseNetDev(text: string): readonly InterfaceCounters[] {
  return text.split('\n').flatMap((line) => {
    const colon = line.lastIndexOf(':');
    if (colon < 0) return [];
    const device = line.slice(0, colon).trim();
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    if (fields.length < 11 || (device !== 'lo' && fields[0] === 0 && fields[8] === 0)) return [];
    const [received, , receiveErrors, , , , , , transmitted, , transmitErrors] = fields as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return [{ device, received, transmitted, receiveErrors, transmitErrors }];
  });
}

async function allInterfaces(): Promise<readonly InterfaceCounters[]> {
  const all = await (await systemInformation()).networkStats('*');
  return all.map((each) => ({
    device: each.iface,
    received: each.rx_bytes,
    transmitted: each.tx_bytes,
    receiveErrors: each.rx_errors,
    transmitErrors: each.tx_errors,
  }));
}
