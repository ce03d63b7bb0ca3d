import { type Host, must } from '../lab/host.js';

/** A secret that somebody wrote into a config file long ago. */
interface Planted {
  /** In shell words: `$(hostname)` is the domain. */
  readonly file: string;
  /** The stock text beside which it stands. */
  readonly beside: string;
  /** The stock text with the secret beside it. */
  readonly text: (value: string, beside: string) => string;
  /** What a diff shows of it: the name, never the value. */
  readonly name: string;
  readonly value: string;
}

const prosody = '/etc/prosody/conf.avail/$(hostname).cfg.lua';
const nginx = '/etc/nginx/sites-available/$(hostname).conf';
const page = '/etc/jitsi/meet/$(hostname)-config.js';

/** One beside every line that the flagship edits, in code and in comments. */
export const planted: readonly Planted[] = [
  {
    file: prosody,
    beside: 'VirtualHost "',
    text: (value, beside) => `turn_external_secret = "${value}";\n\n${beside}`,
    name: 'turn_external_secret',
    value: 'canary-turn-5e1f',
  },
  {
    file: prosody,
    beside: '-- do not delete me\n',
    text: (value, beside) => `${beside}    --app_secret="${value}"\n`,
    name: 'app_secret',
    value: 'canary-app-77b0',
  },
  {
    file: prosody,
    beside: '-- do not delete me\n',
    text: (value, beside) => `${beside}    recaptcha_secret = '${value}'\n`,
    name: 'recaptcha_secret',
    value: 'canary-re\\"captcha-1',
  },
  {
    file: prosody,
    beside: '    c2s_require_encryption',
    text: (value, beside) => `    ldap_password = "${value}"; -- ask Bob\n${beside}`,
    name: 'ldap_password',
    value: 'canary-ldap-c41d',
  },
  {
    file: prosody,
    beside: 'Component "conference.',
    text: (value, beside) => `-- admin_password = "${value}"\n${beside}`,
    name: 'admin_password',
    value: 'canary-admin-90aa',
  },
  {
    file: prosody,
    beside: '    admins = {',
    text: (value, beside) => `    component_secret = "${value}"\n${beside}`,
    name: 'component_secret',
    value: 'canary-component-2c',
  },
  {
    file: nginx,
    beside: 'proxy_set_header Connection "";\n',
    text: (value, beside) => `${beside}        proxy_set_header Authorization "Basic ${value}";\n`,
    name: 'Authorization',
    value: 'Y2FuYXJ5OmNhbmFyeS0x',
  },
  {
    file: nginx,
    beside: '    # xmpp websockets',
    text: (value, beside) => `    # password = ${value}\n${beside}`,
    name: 'password',
    value: 'canary-nginx-41e9',
  },
  {
    file: page,
    beside: "domain: '",
    text: (value, beside) => `focusPassword: '${value}', // apiKey: '${value}'\n        ${beside}`,
    name: 'focusPassword',
    value: 'canary-focus-d00d',
  },
  {
    file: page,
    beside: '    config.roomPasswordNumberOfDigits',
    text: (value, beside) => `    config.jwtSecret = "${value}";\n${beside}`,
    name: 'jwtSecret',
    value: 'canary-jwt-8842',
  },
];

/** Writes all of them into the files of a stock host, whose services are then as content as before. */
export async function plantSecrets(host: Host): Promise<void> {
  for (const file of new Set(planted.map((one) => one.file))) {
    const stock = await must(host, `cat ${file}`);
    const text = planted.filter((one) => one.file === file).reduce(plant, stock);
    await must(host, `cat >${file} <<'END_OF_FILE'\n${text}END_OF_FILE`);
  }
  await must(host, 'nginx -t 2>/dev/null; systemctl reload nginx prosody');
}

function plant(text: string, { beside, value, ...one }: Planted): string {
  if (!text.includes(beside)) throw new Error(`no ${beside} in ${one.file}`);
  return text.replace(beside, () => one.text(value, beside));
}
