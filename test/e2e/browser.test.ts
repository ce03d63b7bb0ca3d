import assert from 'node:assert/strict';
import { rootCertificates } from 'node:tls';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { type Host, startHost } from '../lab/host.js';
import { browseSite, keepPicture, type SiteBrowser } from '../support/browser.js';
import { canaries, type Fleet, fleetOf } from '../support/fleet.js';

describe('a real browser on a host with the flagship', () => {
  let host: Host;
  let fleet: Fleet;
  let browser: SiteBrowser;

  before(async function () {
    this.timeout(600_000);
    host = await startHost({ docker: 'keycloak-loaded' });
    fleet = await fleetOf({ 'meet-1': host });
    const run = await fleet.run(['apply', '--yes', '--json']);
    assert.equal(run.code, 0, run.stdout.slice(-4000) + run.stderr);
    browser = await browseSite(host);
    console.log(`      Chromium ${browser.version}; rooms are opened by a stand-in for jicofo`);
    console.log(`      real pages and plugins of Jitsi: ${host.jitsi === 'stand-in' ? 'not run' : 'run'}`);
  });
  after(async function () {
    this.timeout(60_000);
    await browser[Symbol.asyncDispose]();
    await fleet[Symbol.asyncDispose]();
    await host.dispose();
  });

  it('takes no other certificate than the one it was given', async () => {
    await using strict = await browseSite(host, rootCertificates[0]);
    await assert.rejects(strict.open('/'), /ERR_CERT_AUTHORITY_INVALID/);
  }).timeout(30_000);

  it("shows Keycloak's login page with its styles, and says there what is wrong with a password", async () => {
    const page = await browser.open('/styled#config.tokenAuthInline=false');
    const styles: string[] = [];
    page.on('response', (response) => {
      if (response.request().resourceType() !== 'stylesheet') return;
      styles.push(`${response.status()} ${response.headers()['content-type'] ?? ''}`);
    });
    await page.click('#sign-in');
    await page.waitForURL('**/realms/jitsi-realm/protocol/openid-connect/auth?**');
    await page.waitForLoadState('networkidle');
    assert.ok(styles.length > 0, 'the page has stylesheets');
    assert.deepEqual([...new Set(styles)], ['200 text/css']);
    const colour = (): Promise<string> =>
      page.evaluate("getComputedStyle(document.querySelector('#kc-login')).backgroundColor");
    const styled = await colour();
    console.log(`      login page: ${await keepPicture(page, 'login-page')}`);
    await page.evaluate('for (const sheet of document.styleSheets) sheet.disabled = true');
    assert.notEqual(styled, await colour(), "the button's colour comes from the stylesheets");

    await signInAs(page, 'not-the-password');
    await page.getByText('Invalid username or password').first().waitFor();
    assert.match(page.url(), /\/realms\/jitsi-realm\/login-actions\//);
  }).timeout(60_000);

  it('leads back to the room in the same window, over BOSH, and out again to the site', async () => {
    const page = await browser.open('/same-window#config.tokenAuthInline=false&config.preferBosh=true');
    await waitForState(page, 'waiting for the host');
    const bound = page.waitForRequest((request) =>
      request.url().includes('/http-bind?room=same-window&token='),
    );
    const passed = pathsOf(page);
    await page.click('#sign-in');
    await signInAs(page, canaries.ALICE_PASSWORD);
    await bound;
    await waitForState(page, 'in the room');
    assert.match(await page.innerText('#detail'), / is alice$/);
    assert.deepEqual(passed.slice(-2), ['/static/sso.html', '/same-window']);

    await page.click('#sign-out');
    await page.click('#kc-logout');
    await page.waitForURL(`https://${host.domain}/static/logout.html**`);
    await page.goto(`https://${host.domain}/same-window#config.tokenAuthInline=false`);
    await page.click('#sign-in');
    await page.locator('#kc-login').waitFor();
  }).timeout(60_000);

  it('lets a guest in when the host is, who signs in and out in a window of its own, over a WebSocket', async () => {
    const guest = await browser.open('/open-house');
    await waitForState(guest, 'waiting for the host');
    const page = await browser.open('/open-house');
    const token = page.waitForEvent('websocket', (socket) => socket.url().includes('&token='));
    const login = await openLogin(page);
    const closed = login.waitForEvent('close');
    await signInAs(login, canaries.ALICE_PASSWORD);
    await closed;
    await token;
    await waitForState(page, 'in the room');
    await waitForState(guest, 'in the room');
    assert.match(await page.innerText('#detail'), / is alice$/);
    assert.match(await guest.innerText('#detail'), / is a guest$/);
    const guestId = (await guest.innerText('#detail')).split(' ')[0];
    await page.locator('#others li', { hasText: guestId! }).waitFor();
    console.log(`      signed in: ${await keepPicture(page, 'signed-in')}`);

    await page.click('#sign-out');
    await waitForState(page, 'signed out');
    await (await openLogin(page)).locator('#kc-login').waitFor();
  }).timeout(60_000);
});

async function waitForState(page: Page, state: string): Promise<void> {
  const reached = page.locator('#state', { hasText: state }).waitFor();
  await reached.catch(async (cause: unknown) => {
    const [is, detail] = [await page.innerText('#state'), await page.innerText('#detail')];
    throw new Error(`the page is not "${state}" but "${is}" ${detail}`, { cause });
  });
}

async function openLogin(page: Page): Promise<Page> {
  const opened = page.waitForEvent('popup');
  await page.click('#sign-in');
  return opened;
}

async function signInAs(page: Page, password: string): Promise<void> {
  await page.fill('#username', 'alice');
  await page.fill('#password', password);
  await page.click('#kc-login');
}

/** Every path that the page's window goes to from now on, in order. */
function pathsOf(page: Page): readonly string[] {
  const paths: string[] = [];
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) paths.push(new URL(frame.url()).pathname);
  });
  return paths;
}
