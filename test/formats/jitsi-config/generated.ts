import fc from 'fast-check';

/** A config.js as somebody could write it, and whether it holds values of ours already. */
export interface Generated {
  readonly source: Uint8Array;
  readonly holdsOurs: boolean;
}

const comment = fc.constantFrom(
  '',
  '',
  ' // a, b',
  ' /* c: { } */',
  ' // — “é”',
  " // anonymousdomain: 'no',",
);
const gap = fc.constantFrom('', ' ', '\t');
const quoted = fc.stringMatching(/^[a-z][a-z.-]{0,9}$/).map((text) => `'${text}'`);
const expression = fc.oneof(
  quoted,
  fc.constantFrom(
    'true',
    '-1.5',
    'null',
    '["a", , { b: 1 }]',
    "'conference.' + subdomain + 'x'",
    '`t${1 + 1}`',
    '/[/}]"/g',
    'function (a) { return a || "b"; }',
    '(1, 2)',
    "{ height: { ideal: 720 }, 'odd key': '}' }",
    '\'<!--# echo var="subdir" default="" -->x\'',
    '"//HOST/http-bind"',
  ),
);

interface Property {
  readonly key: string;
  readonly value: string;
  readonly comment: string;
}

const property = (key: string, value: fc.Arbitrary<string>): fc.Arbitrary<Property> =>
  fc.record({ key: fc.constantFrom(key, `'${key}'`, `"${key}"`), value, comment });

/** How a list of properties is laid out. */
const layout = fc.record({
  broken: fc.boolean(),
  lastComma: fc.boolean(),
  leadingCommas: fc.boolean(),
  indent: fc.constantFrom('    ', '\t', ''),
  gap,
});
type Layout = typeof layout extends fc.Arbitrary<infer T> ? T : never;

function literal(
  properties: readonly Property[],
  { broken, lastComma, leadingCommas, indent, gap: space }: Layout,
): string {
  const last = properties.length - 1;
  const written = properties.map(({ key, value, comment: remark }, index) => {
    const needsComma = index < last || lastComma;
    const pair = `${key}:${space}${value}`;
    if (!broken) return pair + (needsComma ? `,${space}` : '');
    if (leadingCommas) return `${indent}${index > 0 ? ', ' : ''}${pair}${remark}\n`;
    return `${indent}${pair}${needsComma ? ',' : ''}${remark}\n`;
  });
  return broken ? `{\n${written.join('')}}` : `{${written.join('')}}`;
}

const hosts = fc
  .record({
    others: fc.subarray(['muc', 'focus', 'authdomain']),
    values: fc.array(expression, { minLength: 4, maxLength: 4 }),
    domainFirst: fc.boolean(),
    ours: fc.boolean(),
    layout,
    remark: comment,
  })
  .chain(({ others, values, domainFirst, ours, layout: form, remark }) =>
    fc
      .tuple(
        ...['domain', ...others, ...(ours ? ['anonymousdomain'] : [])].map((key, index) =>
          property(key, fc.constant(values[index] ?? '1')),
        ),
      )
      .map((properties) => {
        const named = properties.map((each) => ({ ...each, comment: form.broken ? each.comment : '' }));
        const ordered = domainFirst ? named : named.toReversed();
        return {
          text: literal(ordered, form),
          statements: named.map(
            ({ key, value }) => `config.hosts[${/['"]/.test(key) ? key : `'${key}'`}] = ${value};`,
          ),
          ours,
          remark,
        };
      }),
  );

const settings = fc.uniqueArray(
  fc.tuple(
    fc.constantFrom('tokenAuthUrl', 'tokenLogoutUrl', 'tokenAuthInline', 'sso', 'bosh', 'p2p', 'flags'),
    expression,
  ),
  { selector: ([key]) => key, maxLength: 5 },
);

const OURS = /tokenAuth|tokenLogout|sso/;

/** Config files in every form that the model knows: literal, statements, both, guarded, pasted twice. */
export const configFiles: fc.Arbitrary<Generated> = fc
  .record({
    hosts,
    inside: settings,
    after: settings,
    form: fc.constantFrom('literal', 'statements', 'both', 'guarded', 'twice'),
    outer: layout,
    prefix: fc.constantFrom(
      '',
      '\ufeff',
      '// é\n',
      '/* eslint-disable */\n\n',
      "if (subdomain) { subdomain += '.'; }\n",
    ),
    semicolon: fc.constantFrom(';', ''),
    end: fc.constantFrom('', '\n', '\n\n', '\n// end', '\n/* eslint-enable */\n', '  '),
    crlf: fc.boolean(),
  })
  .map(({ hosts: host, inside, after, form, outer, prefix, semicolon, end, crlf }) => {
    const own = inside.map(([key, value]) => ({ key, value, comment: '' }));
    const nested = { key: 'hosts', value: host.text, comment: '' };
    const start = { ...outer, leadingCommas: false };
    const whole = `var config = ${literal([nested, ...own], start)};\n`;
    const built = `var config = ${literal(own, start)};\nconfig.hosts = {};\n${host.statements.join('\n')}\n`;
    const guarded = `if (!config.hasOwnProperty('hosts')) config.hosts = {};\n${host.statements[0] ?? ''}\n`;
    const body = {
      literal: whole,
      statements: built,
      both: whole + host.statements.join('\n') + '\n',
      guarded: whole + guarded,
      twice: whole + built,
    }[form];
    const later = after.map(([key, value]) => `config.${key} = ${value}${semicolon}`).join('\n');
    const text = `${prefix}var subdomain = '<!--# echo var="subdomain" default="" -->';\n${body}${later}${end}`;
    const holdsOurs = host.ours || [...inside, ...after].some(([key]) => OURS.test(key));
    return { source: Buffer.from(crlf ? text.replaceAll('\n', '\r\n') : text), holdsOurs };
  });
