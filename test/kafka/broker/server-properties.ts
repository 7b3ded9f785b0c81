import type { Certificates } from './certificates.ts';

export type ListenerName = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';

export interface NodePlan {
  readonly id: number;
  readonly folder: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly controllerPort: number;
}

export interface ClusterPlan {
  readonly nodes: readonly NodePlan[];
  readonly listeners: readonly ListenerName[];
  readonly certificates: Certificates | null;
  readonly properties: Readonly<Record<string, string | number>>;
}

export const user = { name: 'alice', password: 'alice-secret' };
const saslMechanisms = 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER';

/** The text of server.properties of one node of a cluster of combined brokers and controllers. */
export function serverProperties(plan: ClusterPlan, node: NodePlan): string {
  const { listeners, nodes } = plan;
  const address = (name: string) => `${name}://127.0.0.1:${node.ports[name]}`;
  const replicas = Math.min(3, nodes.length);
  const inSync = Math.min(2, replicas);
  const properties: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(','),
    listeners: [...listeners.map(address), `CONTROLLER://127.0.0.1:${node.controllerPort}`].join(','),
    'advertised.listeners': listeners.map(address).join(','),
    'listener.security.protocol.map': ['CONTROLLER:PLAINTEXT', ...listeners.map((name) => `${name}:${name}`)].join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': `${node.folder}/data`,
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': 'false',
    'controlled.shutdown.enable': nodes.length > 1 ? 'true' : 'false',
    // Records with event times of long ago must stay.
    'log.retention.ms': -1,
    'num.network.threads': 2,
    'num.io.threads': 2,
    'background.threads': 2,
    'log.cleaner.threads': 1,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'message.max.bytes': 10_485_760,
    ...security(plan),
    ...plan.properties,
  };
  return `${Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

function security({ listeners, certificates }: ClusterPlan): Record<string, string> {
  const properties: Record<string, string> = {};
  if (certificates !== null) {
    properties['ssl.keystore.type'] = 'PEM';
    properties['ssl.keystore.location'] = certificates.broker;
    properties['ssl.truststore.type'] = 'PEM';
    properties['ssl.truststore.location'] = certificates.ca;
    // A client without a certificate may come in; one that shows a wrong one may not.
    properties['ssl.client.auth'] = 'requested';
  }
  for (const name of listeners) {
    if (!name.startsWith('SASL')) continue;
    const listener = `listener.name.${name.toLowerCase()}`;
    const login = 'org.apache.kafka.common.security';
    properties[`${listener}.sasl.enabled.mechanisms`] = saslMechanisms;
    properties[`${listener}.plain.sasl.jaas.config`] = `${login}.plain.PlainLoginModule required user_${user.name}="${user.password}";`;
    properties[`${listener}.scram-sha-256.sasl.jaas.config`] = `${login}.scram.ScramLoginModule required;`;
    properties[`${listener}.scram-sha-512.sasl.jaas.config`] = `${login}.scram.ScramLoginModule required;`;
    properties[`${listener}.oauthbearer.sasl.jaas.config`] =
      `${login}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="${user.name}";`;
  }
  return properties;
}
