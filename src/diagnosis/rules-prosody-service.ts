import { prosodyLog as log, hostPlace, own, whereOf } from './prosody-place.js';
import { lastLine, lintRoot, type Root, type Rule } from './rule.js';
import type { SymptomName } from './symptom.js';
import { modulesOf } from '../formats/prosody/view.js';

const shut: readonly SymptomName[] = ['gate-shut', 'guests-refused'];

/** A file that Prosody cannot read, by the lint's name for it; only while Prosody is down because of it. */
const brokenFile = (name: string): Rule => ({
  name,
  explains: ['prosody-away', 'gate-shut', 'token-unanswered'],
  find(study) {
    if (study.prosody.state === 'active') return null;
    const root = lintRoot(study, 'prosody', name);
    if (root === null) return null;
    const what = `Prosody does not run (${study.prosody.state ?? 'no service'})`;
    return { ...root, via: [{ name: 'prosody-stopped', what, where: 'service prosody' }] };
  },
});

/** Prosody does not run. */
export const prosodyStoppedRules: readonly Rule[] = [
  ...['stray-backtick', 'syntax', 'template', 'misspelled-name', 'byte-order-mark', 'hash-line'].map(
    brokenFile,
  ),
  {
    name: 'prosody-stopped',
    explains: ['prosody-away', 'gate-shut'],
    find: ({ prosody }) =>
      prosody.state === null || prosody.state === 'active'
        ? null
        : {
            what: `Prosody does not run (${prosody.state}): ${prosody.journal.at(-1) ?? 'its journal gives no reason'}`,
            where: 'service prosody',
            fix: 'see `journalctl -u prosody` and `prosodyctl check config`, then `systemctl start prosody`',
          },
  },
];

/** Modules that did not load, by Prosody's log: the plugin is missing, or something that it needs. */
const moduleNotLoaded: Rule = {
  name: 'module-not-loaded',
  explains: [...shut, 'guest-alone', 'guest-not-admitted'],
  find(study) {
    const line = lastLine(
      study.prosody.log,
      /(?:unable to load|error (?:initializing|loading)) module.*(?:auth_|jitsi|muc_|lobby|token)/i,
    );
    const module = /module '?"?([\w-]+)/i.exec(line ?? '')?.[1];
    if (line === undefined || module === undefined) return null;
    const isProvider = module.startsWith('auth_');
    const seen = isProvider ? own(study, 'authentication') : own(study, 'modules_enabled');
    return {
      what: `the module ${module} is not loaded, although \`prosodyctl check config\` passes`,
      where: whereOf(study, seen),
      fix: `see that mod_${module}.lua is in plugin_paths: \`apt-get install --reinstall jitsi-meet-prosody\`, then restart Prosody`,
      via: [{ name: 'prosody-log', what: line, where: log }],
    };
  },
};

const luaModulesMissing: Rule = {
  name: 'lua-modules-missing',
  explains: [...shut, 'token-unanswered', 'token-refused'],
  find({ prosody }) {
    const { lua } = prosody;
    if (lua === null || lua.missing.length === 0) return null;
    const line = lastLine(
      prosody.log,
      new RegExp(`module '(?:${lua.missing.map(escaped).join('|')})' not found|auth_token`),
    );
    return {
      what: `Prosody runs on Lua ${lua.version} and cannot load ${lua.missing.join(', ')}, which the token plugin requires`,
      where: `/usr/local/share/lua/${lua.version}`,
      fix: 'set `prosody: { mendLua: true }` in the inventory and apply; or link the files of the packages there by hand, then restart Prosody',
      via: line === undefined ? [] : [{ name: 'module-not-loaded', what: line, where: log }],
    };
  },
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const fileNotLinked: Rule = {
  name: 'file-not-linked',
  explains: [...shut, 'prosody-away'],
  find({ prosody: { unlinked }, view, job }) {
    if (unlinked === null || view.host.length > 0) return null;
    return {
      what: `Prosody does not read the file of ${job.domain}: nothing in /etc/prosody/conf.d leads to it`,
      where: unlinked.path,
      fix: `ln -s ${unlinked.path} /etc/prosody/conf.d/, then restart Prosody`,
    };
  },
};

const hostNotThere: Rule = {
  name: 'host-missing',
  explains: ['gate-shut', 'prosody-away'],
  find: (study) =>
    study.view.host.length > 0 || study.prosody.files.length === 0
      ? null
      : {
          what: `no file of Prosody has a VirtualHost "${study.job.domain}"`,
          where: hostPlace(study),
          fix: `add VirtualHost "${study.job.domain}" there, then restart Prosody`,
        },
};

const noBosh: Rule = {
  name: 'bosh-not-enabled',
  explains: ['prosody-away'],
  find(study): Root | null {
    const { view, prosody } = study;
    const needed = ['bosh', 'websocket'].filter((one) => !modulesOf(view, view.host).has(one));
    if (prosody.state !== 'active' || view.host.length === 0 || needed.length === 0) return null;
    return {
      what: `VirtualHost "${study.job.domain}" does not load ${needed.join(' and ')}: Jitsi's client has no way in`,
      where: whereOf(study, own(study, 'modules_enabled')),
      fix: `add "${needed.join('", "')}" to its modules_enabled, then restart Prosody`,
    };
  },
};

/** What Prosody could not load. */
export const prosodyLoadRules: readonly Rule[] = [
  fileNotLinked,
  luaModulesMissing,
  moduleNotLoaded,
  hostNotThere,
  noBosh,
];
