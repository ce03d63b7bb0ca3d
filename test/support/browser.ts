import { createHash, X509Certificate } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { cacheFolder } from '../lab/cache.js';
import { ensureChromium } from '../lab/chromium.js';
import { need, run } from '../lab/command.js';
import { type Host, must } from '../lab/host.js';
import { sayOnStderr } from '../lab/progress.js';
import { folderWith } from './folder.js';

/** A headless Chromium that reaches a host of the lab under its domain and takes exactly its certificate. */
export interface SiteBrowser extends AsyncDisposable {
  readonly version: string;
  /** Opens a page of the site as somebody new: nothing is remembered from earlier pages. */
  open(path: string): Promise<Page>;
}

/** How long a page may take for one step. */
const stepLimitMs = 30_000;

/** Starts Chromium for the site of a host; `certificate` (PEM) is the one to take, the host's own when left out. */
export async function browseSite(host: Host, certificate?: string): Promise<SiteBrowser> {
  const pem = certificate ?? (await must(host, `cat /etc/jitsi/meet/${host.domain}.crt`));
  const { enter, address } = await placeBeside(host);
  const program = await ensureChromium(sayOnStderr);
  const folder = await folderWith({ chromium: `#!/bin/sh\nexec ${enter} ${program} "$@"\n` });
  await chmod(folder.at('chromium'), 0o700);
  const browser = await chromium.launch({
    executablePath: folder.at('chromium'),
    args: [
      `--host-resolver-rules=MAP ${host.domain} ${address}`,
      `--ignore-certificate-errors-spki-list=${keyDigest(pem)}`,
    ],
  });
  return {
    version: browser.version(),
    open: (path) => openPage(browser, `https://${host.domain}${path}`),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/**
 * Chromium drops all that it is loading when its machine gets a new network interface, and every container brings one.
 * So it runs in the network of the host itself where we may enter that (root, an engine on this machine). Gives the
 * command to do so, and the site's address there.
 */
async function placeBeside(host: Host): Promise<{ readonly enter: string; readonly address: string }> {
  const pid = (await need(['docker', 'inspect', '--format', '{{.State.Pid}}', host.container])).trim();
  const network = `--net=/proc/${pid}/ns/net`;
  const entered = await run(['nsenter', network, 'true']);
  if (entered.code === 0) return { enter: `nsenter ${network}`, address: '127.0.0.1:443' };
  return { enter: '', address: `${host.address}:${host.httpsPort}` };
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  const profile = await browser.newContext();
  profile.setDefaultTimeout(stepLimitMs);
  const page = await profile.newPage();
  await page.goto(url);
  return page;
}

/** What Chromium knows a certificate by: its public key. */
function keyDigest(pem: string): string {
  const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}

/** Keeps a picture of a page in the lab's folder, in place of an earlier one of that name, and gives its path. */
export async function keepPicture(page: Page, name: string): Promise<string> {
  const path = join(await cacheFolder(), 'pictures', `${name}.png`);
  await page.screenshot({ path });
  return path;
}
