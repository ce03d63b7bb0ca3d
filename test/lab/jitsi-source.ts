import { readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContextFile } from './docker.js';
import { LabError } from './lab-error.js';

/** Whose files make a host look like a Jitsi server: our stand-ins, or a checkout of Jitsi Meet. */
export interface JitsiSource {
  readonly is: 'stand-in' | 'real';
  /** One line for the output of a run: what it proves about the real plugin. */
  readonly note: string;
  /** Under `templates/`, `web/` and `plugins/` of the build context. */
  readonly files: readonly ContextFile[];
}

/** Reads the folder that the environment variable JITSI_SRC names, or our stand-ins when it names none. */
export async function readJitsiSource(): Promise<JitsiSource> {
  const folder = process.env['JITSI_SRC'] ?? '';
  if (folder === '') {
    return { is: 'stand-in', note: 'real Jitsi plugin: not run', files: await readStandIns() };
  }
  const plugin = join(folder, 'resources/prosody-plugins/mod_auth_token.lua');
  if (
    !(await stat(plugin).then(
      () => true,
      () => false,
    ))
  ) {
    throw new LabError(
      `JITSI_SRC=${folder} is no checkout of Jitsi Meet: ${plugin} is missing`,
      'name a checkout of Jitsi Meet, or unset JITSI_SRC to use the stand-ins.',
    );
  }
  return { is: 'real', note: `real Jitsi plugin: from ${folder}`, files: await readCheckout(folder) };
}

const require = createRequire(import.meta.url);
const standIns = fileURLToPath(new URL('host', import.meta.url));

/** Modules of the stock Prosody file that have nothing to do with signing in. */
const idleModules = [
  'av_moderation_component',
  'conference_duration',
  'end_conference',
  'features_identity',
  'filesharing_component',
  'limits_exception',
  'muc_breakout_rooms',
  'muc_domain_mapper',
  'muc_hide_all',
  'muc_meeting_id',
  'muc_password_whitelist',
  'muc_rate_limit',
  'polls_component',
  'room_metadata_component',
  'speakerstats_component',
];

/** What no checkout of Jitsi Meet can give: jicofo, with the module that leads to it, and the page, which wants building. */
const alwaysOurs =
  /^(templates\/jicofo\.conf\.in|plugins\/mod_client_proxy\.lua|web\/index\.html|web\/libs\/.*)$/;

/** What the page runs on, from npm: Jitsi's own client for browsers, with the library that it asks for. */
const pageLibraries = ['lib-jitsi-meet-dist/dist/lib-jitsi-meet.min.js', 'jquery/dist/jquery.min.js'];

async function readStandIns(): Promise<readonly ContextFile[]> {
  const folders = await Promise.all(
    ['templates', 'web', 'plugins'].map((name) => readTree(join(standIns, name), name)),
  );
  const idle = idleModules.map((name) => ({
    path: `plugins/mod_${name}.lua`,
    content: `-- Stands in for Jitsi's mod_${name} in a lab: loads, and does nothing.\n`,
  }));
  const libraries = pageLibraries.map(async (file) => ({
    path: `web/libs/${basename(file)}`,
    content: await readFile(require.resolve(file)),
  }));
  return [...folders.flat(), ...idle, ...(await Promise.all(libraries))];
}

async function readCheckout(folder: string): Promise<readonly ContextFile[]> {
  const [plugins, pages, ...files] = await Promise.all([
    readTree(join(folder, 'resources/prosody-plugins'), 'plugins'),
    readTree(join(folder, 'static'), 'web/static'),
    readTemplate(join(folder, 'config.js'), 'config.js'),
    readTemplate(join(folder, 'doc/debian/jitsi-meet/jitsi-meet.example'), 'nginx.conf'),
    readTemplate(
      join(folder, 'doc/debian/jitsi-meet-prosody/prosody.cfg.lua-jvb.example'),
      'prosody.cfg.lua',
    ),
    readTemplate(join(folder, 'doc/debian/jitsi-meet-prosody/jaas.cfg.lua'), 'jaas.cfg.lua'),
  ]);
  const roots = (await readdir(folder)).filter(
    (name) => name.endsWith('.html') || name === 'interface_config.js',
  );
  const rootPages = await Promise.all(
    roots.map(async (name) => ({
      path: `web/${name}`,
      content: withoutCarriageReturns(await readFile(join(folder, name))),
    })),
  );
  const ours = (await readStandIns()).filter(({ path }) => alwaysOurs.test(path));
  const theirs = [...plugins, ...pages, ...rootPages, ...files];
  return [...theirs.filter(({ path }) => !alwaysOurs.test(path)), ...ours];
}

/** Fills in as the packages' postinst scripts do, but with the lab's own marks for what a domain decides. */
async function readTemplate(path: string, name: string): Promise<ContextFile> {
  const text = withoutCarriageReturns(await readFile(path)).toString();
  const content = text
    .replaceAll(/jitsi-meet\.example\.com|jitmeet\.example\.com/g, '@DOMAIN@')
    .replaceAll('focusUser', 'focus')
    .replaceAll('__turnSecret__', '@TURN_SECRET@');
  return { path: `templates/${name}.in`, content };
}

async function readTree(root: string, under: string): Promise<readonly ContextFile[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.sort().map(async (path) => ({
      path: join(under, relative(root, path)),
      content: withoutCarriageReturns(await readFile(path)),
    })),
  );
}

/** Some checkouts have Windows line ends, which a shell or a reader of `.lua` files would stumble over. */
function withoutCarriageReturns(bytes: Buffer): Buffer {
  return bytes.includes(0) ? bytes : Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}
