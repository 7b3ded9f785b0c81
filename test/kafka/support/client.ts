import { Cluster } from '../../../connectors/kafka/network/cluster.ts';
import { Dialer } from '../../../connectors/kafka/network/dialer.ts';

/** `host:port` by commas. */
export function clusterAt(addresses: string): Cluster {
  const endpoints = addresses.split(',').map((each) => {
    const [host, port] = each.split(':') as [string, string];
    return { host, port: Number(port) };
  });
  return new Cluster(endpoints, new Dialer({ clientId: 'test', tls: null, login: () => null }));
}
