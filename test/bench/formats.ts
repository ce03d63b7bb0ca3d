/**
 * What an edit of a config file costs: the sign-in in a file of 100 KB of each language, after warm-up, and in a megabyte
 * made to be slow. Prints figures and judges nothing; the tests hold the limits.
 */
import { editFile, type FileEdit } from '../../src/formats/editors.js';
import { signIn as pageEdits } from '../formats/jitsi-config/sign-in.js';
import { allEdits } from '../formats/nginx/trials.js';
import { signInEdits, signInOf } from '../formats/prosody/sign-in.js';

const domain = 'meet.example.com';
const rounds = 30;

const prosody: FileEdit = { format: 'prosody', edits: signInEdits(signInOf(domain)) };
const nginx: FileEdit = { format: 'nginx', edits: allEdits({ domain }) };
const page: FileEdit = { format: 'jitsi-config', edits: pageEdits };

/** As many lines as make a file of that size. */
function filled(bytes: number, line: (at: number) => string): string {
  const lines: string[] = [];
  for (let size = 0, at = 0; size < bytes; at += 1) size += lines[lines.push(line(at)) - 1]?.length ?? 1;
  return lines.join('');
}

const prosodyHead = `VirtualHost "${domain}"\n    modules_enabled = { "bosh" }\n`;
const prosodyTail = `Component "conference.${domain}" "muc"\n`;
const nginxHead = `server {\n    listen 443 ssl;\n    server_name ${domain};\n`;
const pageHead = `var config = {\n    hosts: { domain: '${domain}' },\n`;

/** [what it is, the edits, the file] of a size in bytes: code and nothing else, and mostly comments. */
const files = (bytes: number): readonly (readonly [string, FileEdit, string])[] => [
  [
    'Prosody, options',
    prosody,
    prosodyHead + filled(bytes, (at) => `    option_${at} = { "value", ${at} }\n`) + prosodyTail,
  ],
  [
    'Prosody, comments',
    prosody,
    prosodyHead + filled(bytes, (at) => `    -- option_${at} = { "value" }\n`) + prosodyTail,
  ],
  [
    'nginx, directives',
    nginx,
    `${nginxHead}${filled(bytes, (at) => `    add_header X-Header-${at} "some value";\n`)}}\n`,
  ],
  [
    'nginx, locations',
    nginx,
    `${nginxHead}${filled(bytes, (at) => `    location /path-${at}/ { root /srv/${at}; }\n`)}}\n`,
  ],
  [
    'config.js, options',
    page,
    `${pageHead}${filled(bytes, (at) => `    option${at}: 'a value of it',\n`)}};\n`,
  ],
  [
    'config.js, comments',
    page,
    `${pageHead}${filled(bytes, (at) => `    // option${at}: 'a value of it',\n`)}};\n`,
  ],
];

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Wall time of one edit in ms, with what came of it. */
function timed(edit: FileEdit, source: Uint8Array): { readonly ms: number; readonly is: string } {
  const began = performance.now();
  const { is } = editFile(source, edit);
  return { ms: performance.now() - began, is };
}

for (const [what, edit, text] of files(100_000)) {
  const source = Buffer.from(text);
  const runs = Array.from({ length: rounds * 2 }, () => timed(edit, source)).slice(rounds);
  const ms = runs.map((run) => run.ms);
  console.log(
    `100 KB, ${what.padEnd(20)} ${runs[0]?.is ?? ''} in ${median(ms).toFixed(1)} ms, at best ${Math.min(...ms).toFixed(1)} ms`,
  );
}
for (const [what, edit, text] of files(1_000_000)) {
  const { ms, is } = timed(edit, Buffer.from(text));
  console.log(`1 MB,   ${what.padEnd(20)} ${is} in ${ms.toFixed(0)} ms`);
}
