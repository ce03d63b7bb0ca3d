import { deepEqual, equal } from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { makeVault } from '../../src/inventory/vault.js';
import { logReporter } from '../../src/reporter/log.js';
import { folderWith } from '../support/folder.js';
import { timeOf, twoHosts } from '../support/run-events.js';

const plain = (text: string): string => text;

describe('the debug log', () => {
  it('holds every event as soon as it was reported, for its owner alone', async () => {
    await using folder = await folderWith({});
    const file = folder.at('.orchestrate/runs/r/log.ndjson');
    const log = logReporter({ file, scrub: plain });
    equal(existsSync(folder.at('.orchestrate')), false);
    for (const [second, event] of twoHosts) {
      log.report(event, timeOf(second));
      const last = readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '';
      const { level, time, ...rest } = JSON.parse(last) as Record<string, unknown>;
      deepEqual([typeof level, time, rest], ['number', timeOf(second).toISOString(), event]);
    }
    await log.close();
    equal((statSync(file).mode & 0o777).toString(8), '600');
    for (const made of ['.orchestrate', '.orchestrate/runs', '.orchestrate/runs/r']) {
      equal((statSync(folder.at(made)).mode & 0o777).toString(8), '700');
    }
  });

  it('is scrubbed once more before it is written, at any depth and in any form', async () => {
    await using folder = await folderWith({});
    const vault = makeVault(new Map([['A', 'canary "quoted" value']]));
    const log = logReporter({ file: folder.at('log'), scrub: (text) => vault.scrub(text) });
    log.report(
      {
        type: 'task-planned',
        host: 'h',
        task: 'h/x:y',
        plan: {
          is: 'change',
          differences: [
            {
              is: 'field',
              field: 'a',
              from: 'canary "quoted" value',
              to: Buffer.from('canary "quoted" value').toString('base64'),
            },
          ],
        },
      },
      timeOf(0),
    );
    await log.close();
    const text = readFileSync(folder.at('log'), 'utf8');
    equal(text.includes('canary') || text.includes('Y2FuYXJ5'), false);
    equal((JSON.parse(text) as { type: string }).type, 'task-planned');
  });

  it('never stops a run when it cannot be written', async () => {
    await using folder = await folderWith({ taken: '' });
    const log = logReporter({ file: folder.at('taken/log'), scrub: plain });
    log.report({ type: 'finding', host: 'h', text: 'x' }, timeOf(0));
    await log.close();
  });
});
