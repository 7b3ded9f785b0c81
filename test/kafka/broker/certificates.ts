import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string;
  /** Key and certificate of a broker, in one file. */
  readonly broker: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  /** Of somebody whom no broker knows. */
  readonly otherCa: string;
}

export function missingCertificateTool(): string | null {
  return spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0 ? null : 'openssl is not there';
}

/** An authority made for these tests, and what it signed: 127.0.0.1 and localhost. */
export function makeCertificates(folder: string): Certificates {
  mkdirSync(folder, { recursive: true });
  const at = (name: string) => join(folder, name);
  authority(folder, 'ca');
  authority(folder, 'other-ca');
  for (const name of ['broker', 'client']) {
    openssl(folder, ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`], name, 'csr');
    writeFileSync(at('extensions'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    execFileSync(
      'openssl',
      [
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-days',
        '2',
        '-extfile',
        'extensions',
        '-out',
        `${name}.pem`,
      ],
      { cwd: folder, stdio: 'ignore' },
    );
  }
  writeFileSync(at('broker-both.pem'), `${readFileSync(at('broker.key'), 'utf8')}${readFileSync(at('broker.pem'), 'utf8')}`);
  return {
    ca: at('ca.pem'),
    broker: at('broker-both.pem'),
    clientCertificate: at('client.pem'),
    clientKey: at('client.key'),
    otherCa: at('other-ca.pem'),
  };
}

function authority(folder: string, name: string): void {
  const key = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=test ${name}`];
  openssl(folder, key, name, 'pem');
}

function openssl(folder: string, args: readonly string[], name: string, extension: string): void {
  execFileSync('openssl', [...args, '-keyout', `${name}.key`, '-out', `${name}.${extension}`], { cwd: folder, stdio: 'ignore' });
}
