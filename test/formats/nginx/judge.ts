import { parseNginx } from '../../../src/formats/nginx/index.js';
import { Refused } from '../../../src/formats/outcome.js';
import { textOf } from '../../../src/formats/source.js';
import type { CorpusFile } from '../corpus.js';
import { asMain, inHttp, nginxTest } from './real-nginx.js';
import { stubbed } from './stubbed.js';

/** What `nginx -t` says of a file, with stubs for what is on its author's machine only. */
export const judgeOf =
  (folder: string) =>
  (bytes: Uint8Array): ReturnType<typeof nginxTest> =>
    nginxTest(folder, whole(bytes));

/** A file as a whole config: as it is when it has its own `http`, else inside one. One that we cannot read has no stubs. */
function whole(bytes: Uint8Array): string {
  const text = textOf(bytes);
  try {
    const { children } = parseNginx(bytes);
    const isMain = children.some((item) => item.is === 'block' && /^(http|events|stream)$/.test(item.name));
    return isMain ? asMain(stubbed(text)) : inHttp(stubbed(text));
  } catch (error) {
    if (error instanceof Refused) return inHttp(text);
    throw error;
  }
}

/** These serve TLS, but for the `stream` module: mail and raw TCP, without any server of HTTP. */
const streamOnly = ['AgenaTrader--jitsi-meet.conf', 'DanWin--nginx.conf', 'jitsi-contrib--jitsi-meet.conf'];

/** Whether a file holds a server with TLS, told from its text alone and not by the code under test. */
export const speaksTls = ({ name, bytes }: CorpusFile): boolean =>
  !streamOnly.includes(name) &&
  /(^|[{;\s])(listen\s[^;#]*\b(443|ssl)\b|ssl\s+on|ssl_certificate\s)/.test(
    textOf(bytes).replace(/^\s*#.*$/gm, ''),
  );
