import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Answer,
  answersOf,
  editNginx,
  findServer,
  parseNginx,
} from '../../../src/formats/nginx/index.js';
import { probes } from '../../../src/formats/nginx/probes.js';
import { type Server, serversIn } from '../../../src/formats/nginx/server.js';
import { argumentsOf, type Block, directivesNamed, parseNginxText } from '../../../src/formats/nginx/tree.js';
import { bytesOf } from '../../../src/formats/source.js';
import { namesOf } from '../../../src/formats/nginx/server-name.js';
import { corpusOf } from '../corpus.js';
import { signInEdits } from './sign-in-edits.js';
import {
  freePorts,
  inHttp,
  needsNginx,
  nginxTest,
  type Reply,
  startNginx,
  stubFolder,
} from './real-nginx.js';

import { pathText, siteText } from './random-site.js';
/**
 * A server with the same locations, in which each location says its number.
 *
 * Everything else is left out, but the directives that decide about the redirect for a missing slash.
 */
function instrumented(server: Server, listen: string): string {
  let count = 0;
  const text = server.tree.text;
  const wordsIn = (block: Block): string =>
    text.slice(block.words[0]?.start ?? 0, block.words.at(-1)?.end ?? 0);
  const inner = (block: Block): string =>
    directivesNamed(block.children, 'location')
      .filter((child) => child.is === 'block')
      .map((child) => {
        count += 1;
        const pass = /^(proxy|fastcgi|uwsgi|scgi|grpc|memcached)_pass$/;
        const passes = child.children.some((item) => item.is === 'simple' && pass.test(item.name));
        const proxied = passes ? 'proxy_pass http://127.0.0.1:1;' : '';
        return `${wordsIn(child)} { return 200 ${count}; ${proxied} ${inner(child)} }\n`;
      })
      .join('');
  return `server { ${listen} root /nonexistent; merge_slashes ${server.mergeSlashes ? 'on' : 'off'};\n${inner(server.block)}}`;
}

/** What the simulator says a reply should look like; undefined where it cannot tell. */
function foretold(answer: Answer): string | undefined {
  switch (answer.is) {
    case 'location': {
      const [said] = directivesNamed(answer.location.block.children, 'return');
      return said && `200 ${argumentsOf(said)[1] ?? ''}`;
    }
    case 'redirect':
      return '301';
    case 'server':
      return '404';
    case 'bad-request':
      return '400';
    case 'server-rewrite':
    case 'cannot-tell':
      return undefined;
  }
}

const told = ({ status, body }: Reply): string => (status === 200 ? `200 ${body}` : String(status));

describe('the location simulator agrees with a real nginx', () => {
  const folder = stubFolder();
  after(() => folder.remove());

  interface Case {
    readonly what: string;
    readonly server: Server;
    readonly paths: readonly string[];
  }

  /** Runs all cases in one nginx and returns how many pairs were compared and how many could not be told. */
  async function compare(cases: readonly Case[]): Promise<{ pairs: number; untold: number }> {
    const [merging = 0, keeping = 0] = await freePorts(2);
    const port = ({ server }: Case): number => (server.mergeSlashes ? merging : keeping);
    const texts = cases.map((each, index) =>
      instrumented(each.server, `listen 127.0.0.1:${port(each)}; server_name c${index}.test;`),
    );
    const nginx = await startNginx(
      folder.path,
      inHttp(`server_names_hash_max_size 4096; access_log off;\n${texts.join('\n')}`),
    );
    let [pairs, untold] = [0, 0];
    try {
      for (const [index, each] of cases.entries()) {
        const [server] = serversIn(parseNginxText(texts[index] ?? ''));
        assert.ok(server);
        const answer = answersOf(server);
        for (const path of each.paths) {
          const expected = foretold(answer(path));
          const real = told(await nginx.get(port(each), `c${index}.test`, path));
          if (expected === undefined) untold += 1;
          else assert.equal(real, expected, `${each.what}: ${path}\n${texts[index] ?? ''}`);
          pairs += 1;
        }
      }
    } finally {
      await nginx.stop();
    }
    return { pairs, untold };
  }

  const accepted = (server: Server): boolean =>
    nginxTest(folder.path, inHttp(instrumented(server, 'listen 127.0.0.1:8080;'))).accepts;

  it('on generated sites', async function () {
    needsNginx(this);
    const long = process.env['ORCHESTRATE_LONG'] === '1';
    this.timeout(long ? 300_000 : 60_000);
    const sites = fc.sample(siteText, { seed: 7, numRuns: long ? 2000 : 220 });
    const paths = fc.sample(fc.uniqueArray(pathText, { minLength: 30, maxLength: 40 }), {
      seed: 8,
      numRuns: sites.length,
    });
    const cases = sites.flatMap((text, index): Case[] => {
      const [server] = serversIn(parseNginxText(text));
      assert.ok(server);
      return accepted(server) ? [{ what: text, server, paths: paths[index] ?? [] }] : [];
    });
    const { pairs, untold } = await compare(cases);
    console.info(
      `      ${cases.length} generated sites of ${sites.length} accepted, ${pairs} pairs, ${untold} not told`,
    );
    assert.ok(pairs >= 1500 && untold === 0);
  });

  it('on every server of the corpus, as it is and with sign-in', async function () {
    needsNginx(this);
    this.timeout(60_000);
    const cases = corpusOf('nginx').flatMap(({ name, bytes }): Case[] =>
      readableServers(bytes)
        .flatMap((server) => [server, ...withSignIn(server)])
        .filter(accepted)
        .map((server) => ({
          what: name,
          server,
          paths: [...probes([server])].filter((path) => !/[^\x21-\x7e]/.test(path)),
        })),
    );
    if (cases.length === 0) {
      console.warn('NOT RUN: the corpus is not there');
      this.skip();
    }
    const { pairs, untold } = await compare(cases);
    console.info(`      ${cases.length} servers of the corpus, ${pairs} pairs, ${untold} not told`);
    assert.ok(pairs >= 2000 && untold < pairs / 20);
  });
});

/** The same server after the sign-in edits, when it is one that they are for. */
function withSignIn({ tree, block }: Server): readonly Server[] {
  const domain = namesOf(tree, block).find((name) => /^[\w<$-]/.test(name)) ?? 'meet.example.com';
  const outcome = editNginx(bytesOf(tree.text), signInEdits({ domain }));
  return outcome.is === 'edited' ? [findServer(parseNginx(outcome.bytes), { domain })] : [];
}

function readableServers(bytes: Uint8Array): readonly Server[] {
  try {
    return serversIn(parseNginx(bytes));
  } catch {
    return [];
  }
}
