import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { commandLine, relayLine } from '../../src/transport/command-lines.js';

const run = promisify(execFile);

describe('the command lines', () => {
  it('are these and no others', () => {
    assert.deepEqual(
      [
        commandLine('sh -s', false),
        commandLine('sh -s', true),
        commandLine('docker load', false),
        commandLine('docker load', true),
      ],
      ['sh -s', 'sudo -n -- sh -s', 'docker load', 'sudo -n -- docker load'],
    );
  });

  it('take an IP address and a port for the relay, and nothing else', () => {
    assert.match(relayLine('127.0.0.1', 18080) ?? '', / relay 127\.0\.0\.1 18080$/);
    assert.match(relayLine('::1', 1) ?? '', / relay ::1 1$/);
    for (const address of [
      'localhost',
      '',
      '127.0.0.1;id',
      '1',
      'fe80::1%eth0',
      "::1'",
      '127.0.0.1 ',
      '$(id)',
      '-x',
    ]) {
      assert.equal(relayLine(address, 80), null, address);
    }
    for (const port of [0, -1, 65_536, 1.5, Number.NaN]) assert.equal(relayLine('127.0.0.1', port), null);
  });

  it('hold nothing that a login shell could read in its own way', () => {
    for (const line of [commandLine('sh -s', true), relayLine('127.0.0.1', 80) ?? '']) {
      assert.doesNotMatch(line, /[!\\`\n"]/);
    }
  });

  it('reach bash unharmed through sh', async () => {
    // Nothing listens on port 1: bash says so, which proves that it has read the whole line.
    const failure: unknown = await run('sh', ['-c', relayLine('127.0.0.1', 1) ?? '']).catch(
      (error: unknown) => error,
    );
    assert.ok(failure instanceof Error && 'stderr' in failure);
    assert.match(String(failure.stderr), /Connection refused/);
  });
});
