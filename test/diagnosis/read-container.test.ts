import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readContainer } from '../../src/diagnosis/read-container.js';
import type { Probe } from '../../src/probe/probe.js';

/** Answers both questions, with what `docker container inspect` and `docker container logs` print. */
function answered<T>(probe: Probe<T>, inspected: string, log: string): T {
  assert.ok(!probe.done);
  const reply = (stdout: string) =>
    ({ is: 'reply', code: 0, stdout: Buffer.from(stdout), stderr: Buffer.from('') }) as const;
  const read = probe.resume([reply(inspected), reply(log)]);
  assert.ok(read.done);
  return read.value;
}

const inspected = JSON.stringify([
  {
    Name: '/keycloak',
    State: { Status: 'running', ExitCode: 0, OOMKilled: false },
    Config: {
      Image: 'quay.io/keycloak/keycloak:26.7.3',
      Env: ['KC_BOOTSTRAP_ADMIN_PASSWORD=hunter2', 'KC_HOSTNAME=https://meet.example.test', 'PATH=/bin'],
      Cmd: ['start', '--optimized', '--db-password=hunter3', '--http-relative-path=/auth'],
    },
    HostConfig: { PortBindings: { '8080/tcp': [{ HostIp: '', HostPort: '18080' }], '9000/tcp': null } },
  },
]);

describe("what is read of Keycloak's container", () => {
  it('is its state, the options that bear on signing in, and its open ports: no password', () => {
    const container = answered(readContainer, inspected, 'a\nb\x1b[2J\n');
    assert.deepEqual(container, {
      name: 'keycloak',
      image: 'quay.io/keycloak/keycloak:26.7.3',
      status: 'running',
      exitCode: 0,
      outOfMemory: false,
      options: { hostname: 'https://meet.example.test', optimized: 'true', 'http-relative-path': '/auth' },
      published: ['0.0.0.0:18080'],
      log: ['a', 'b\\x1b[2J'],
    });
  });

  it('is nothing where Docker says nothing that is understood', () => {
    assert.equal(answered(readContainer, '', ''), null);
    assert.equal(answered(readContainer, '[{"Name":1}]', ''), null);
  });
});
