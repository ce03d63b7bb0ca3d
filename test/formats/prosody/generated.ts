import fc from 'fast-check';

/*
 * Prosody files as people could write them: sections in every form, options in every form, odd spacing, comments that
 * look like code, strings in all quotations.
 */

const blank = fc.constantFrom(
  ' ',
  '\t',
  '  ',
  ' --[[ VirtualHost "d" ]] ',
  '\n',
  '\r\n',
  ' -- authentication = "x"\n',
);
const gap = fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: blank });
const lineGap = fc.constantFrom(
  '\n',
  '\n\n',
  ';\n',
  ' -- it\'s "here" {\n',
  '\n    ',
  '\r\n',
  ';',
  ' ',
  '\n\t',
  '\n--[==[ ]] ]==]\n',
);

const quotedForms: readonly ((text: string) => string)[] = [
  (text) => `"${text}"`,
  (text) => `'${text}'`,
  (text) => `[[${text}]]`,
  (text) => `[=[\n${text}]=]`,
  (text) => `"${text.replaceAll('a', '\\097')}"`,
  (text) => `("${text}")`,
];

const quoted = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(text, fc.constantFrom(...quotedForms)).map(([value, form]) => form(value));

const word = fc.constantFrom(
  'bosh',
  'ping',
  'smacks',
  'persistent_lobby',
  'muc_wait_for_host',
  'a b',
  'x;y',
  '-- no',
);
const host = fc.constantFrom('d', 'D', 'auth.d', 'guest.d', 'e');
const component = fc.constantFrom('conference.d', 'lobby.d', 'x.e');
const option = fc.constantFrom(
  'authentication',
  'app_id',
  'allow_empty_token',
  'admins',
  'a',
  'asap_accepted_issuers',
);

const list = fc
  .tuple(fc.array(fc.tuple(gap, quoted(word), gap)), fc.constantFrom(',', ';'), fc.boolean(), gap)
  .map(([entries, separator, isClosed, before]) => {
    const all = entries.map((parts) => parts.join('')).join(separator);
    return `{${all}${isClosed && entries.length > 0 ? separator : ''}${before}}`;
  });
const table = fc
  .tuple(quoted(word), gap)
  .map(([text, space]) => `{ key =${space} ${text}; ["other key"] = true }`);
const scalar = fc.oneof(quoted(word), fc.constantFrom('true', 'false', '12', '-0.5', '0x1F', '"a" .. \'b\''));
const setting = fc.oneof(
  fc.tuple(option, gap, gap, scalar).map(([name, left, right, value]) => `${name}${left}=${right}${value}`),
  fc.tuple(gap, list).map(([space, value]) => `modules_enabled${space}= ${value}`),
  table.map((value) => `ssl = ${value}`),
);

const headers: readonly fc.Arbitrary<string>[] = [
  fc.tuple(fc.constantFrom('VirtualHost', 'Host', 'host'), gap, quoted(host)).map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constantFrom('Component', 'component'),
      gap,
      quoted(component),
      gap,
      quoted(fc.constantFrom('muc', 'x')),
    )
    .map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom('Component', 'component'), gap, quoted(component)).map((parts) => parts.join('')),
  quoted(host).map((name) => `VirtualHost(${name}, {})`),
  quoted(component).map((name) => `Component(${name}, "muc")`),
];
const body = fc.array(fc.tuple(setting, lineGap)).map((settings) => settings.flat().join(''));

/** A section in statement or in table form behind this header. */
const section = (header: fc.Arbitrary<string>): fc.Arbitrary<string> => {
  const inTable = fc
    .tuple(header, gap, fc.array(fc.tuple(setting, gap, fc.constantFrom(',', ';'), gap)), lineGap)
    .map(([start, space, settings, end]) => `${start}${space}{${settings.flat().join('')}}${end}`);
  const inStatements = fc.tuple(header, lineGap, body).map((parts) => parts.join(''));
  return fc.oneof({ weight: 3, arbitrary: inStatements }, { weight: 1, arbitrary: inTable });
};

const aside = fc.constantFrom(
  'local unused = { VirtualHostName = 1 }\n',
  'local function helper() return "authentication" end\n',
  'if false then log = "x" end\n',
  '-- VirtualHost "d"\n',
  'do local d = 1 end\n',
);

/** Sections of any names: Prosody may refuse the file, when a host and a component have one name. */
const anySections = fc.array(fc.oneof(section(fc.oneof(...headers)), aside), { maxLength: 6 });
/** The sections of a meeting server, each once. */
const meetingSections = fc
  .tuple(
    section(quoted(fc.constantFrom('d', 'D')).map((name) => `VirtualHost ${name}`)),
    section(quoted(fc.constant('conference.d')).map((name) => `Component ${name} "muc"`)),
    section(quoted(fc.constant('auth.d')).map((name) => `VirtualHost(${name})`)),
    aside,
  )
  .chain((all) => fc.shuffledSubarray(all, { minLength: 2 }));

/** The text of one file. */
export const prosodyText: fc.Arbitrary<string> = fc
  .tuple(body, fc.oneof({ weight: 3, arbitrary: meetingSections }, { weight: 1, arbitrary: anySections }))
  .map(([globals, sections]) => globals + sections.join('\n'));
