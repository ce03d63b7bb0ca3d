import { type Fault, nextSecond } from './fault.js';

const file = /^\/etc\/nginx\/sites-(?:available|enabled)\/[\w.-]+\.conf:\d+$/;

const header = (name: string, value: string): string => `        proxy_set_header ${name} ${value};`;

/** A location for Keycloak as ours is, unless told otherwise. */
const proxied = (match: string, { to = 'http://127.0.0.1:18080', believed = '$remote_addr' } = {}): string =>
  [
    `    location ${match} {`,
    `        proxy_pass ${to};`,
    header('Host', '$host'),
    header('X-Real-IP', '$remote_addr'),
    header('X-Forwarded-For', believed),
    header('X-Forwarded-Proto', 'https'),
    header('X-Forwarded-Host', '$host'),
    header('X-Forwarded-Port', '443'),
    '        proxy_buffer_size 128k;',
    '        proxy_buffers 4 256k;',
    '        proxy_busy_buffers_size 256k;',
    '    }',
  ].join('\n');

/** The realm's pages and their styles, and nothing in the way of the rest. */
const others = 'location ^~ /realms/ { return 404; }\n    location ^~ /admin/ { return 404; }';
const realm = proxied('^~ /realms/jitsi-realm/');
const resources = proxied('^~ /resources/');

/** Puts other locations for Keycloak in the place of ours. */
const located = (...locations: readonly string[]): string => `cat >/run/locations <<'END'
${locations.join('\n')}
END
awk '/^    location = \\/realms \\{/ { skip = 1; while ((getline line < "/run/locations") > 0) print line }
/^    # xmpp websockets/ { skip = 0 } !skip' $N >/run/site && cat /run/site >$N`;

const site = (title: string, cause: string, plant: string, recipe?: number): Fault => ({
  title,
  cause,
  where: file,
  plant,
  reads: 'nginx',
  ...(recipe === undefined ? {} : { recipe }),
});

/** The certificate of the site, made anew; the old one comes back. */
const certificate = (title: string, cause: string, make: string): Fault => ({
  title,
  cause,
  where: /^\/etc\/jitsi\/meet\/[\w.-]+\.crt$/,
  plant: `cd /etc/jitsi/meet; cp -a $D.crt $D.key /root/good/
openssl req -new -newkey rsa:2048 -nodes -keyout $D.key -out /run/csr -subj /CN=$D 2>/dev/null
${make}
chmod 644 $D.crt`,
  heal: 'cp -a /root/good/$D.crt /root/good/$D.key /etc/jitsi/meet/',
  reads: 'nginx',
});

/** Faults of nginx's file, of the certificate, and of when nginx reads them. */
export const nginxFaults: readonly Fault[] = [
  site(
    'a plain location is hidden by the regular expressions of the site',
    'realms-behind-regex',
    located(proxied('/realms/'), proxied('/resources/')),
    4,
  ),
  site('only the realm is passed on, not its styles', 'resources-missing', located(others, realm), 5),
  site('all realms are passed on', 'master-realm-public', located(proxied('^~ /realms/'), resources), 6),
  site(
    "a client's X-Forwarded-For is passed on",
    'forwarded-for-appended',
    located(
      others,
      proxied('^~ /realms/jitsi-realm/', { believed: '$proxy_add_x_forwarded_for' }),
      resources,
    ),
    7,
  ),
  site(
    'the admin console is passed on',
    'admin-console-public',
    located('location ^~ /realms/ { return 404; }', proxied('^~ /admin/'), realm, resources),
  ),
  {
    ...site(
      // Where IPv6 is on, ::1 is that other address; the lab may have none.
      'nginx looks for Keycloak at localhost, which is also another address, with another service',
      'proxy-to-localhost',
      `cp /etc/hosts /root/good/hosts; { echo 127.0.0.2 localhost; cat /root/good/hosts; } >/etc/hosts
echo 'server { listen 127.0.0.2:18080; return 404; }' >/etc/nginx/conf.d/other.conf
${located(
  others,
  proxied('^~ /realms/jitsi-realm/', { to: 'http://localhost:18080' }),
  proxied('^~ /resources/', { to: 'http://localhost:18080' }),
)}`,
      15,
    ),
    heal: 'rm -f /etc/nginx/conf.d/other.conf; cat /root/good/hosts >/etc/hosts',
  },
  site('nothing is passed on to Keycloak', 'realm-not-proxied', located()),
  site(
    'the locations stand in the server of port 80',
    'location-in-wrong-server',
    `${located()}
sed -i '/listen \\[::\\]:80;/r /dev/stdin' $N <<'END'
${proxied('^~ /realms/jitsi-realm/')}
END`,
  ),
  site(
    'the realm is passed on to another port',
    'proxy-to-wrong-address',
    "sed -i 's#proxy_pass http://127.0.0.1:18080/realms#proxy_pass http://127.0.0.1:18099/realms#' $N",
  ),
  site('the pages of Jitsi are not filled in', 'ssi-off', "sed -i 's/^    ssi on;/    ssi off;/' $N"),
  {
    title: 'nginx was not reloaded',
    cause: 'nginx-not-reloaded',
    where: /^\/etc\/nginx\/sites-available\//,
    plant: `cp $N /run/right; ${located()}
      systemctl reload nginx; ${nextSecond}; cat /run/right >$N`,
    reads: 'nothing',
    heal: 'systemctl reload nginx',
  },
  {
    title: 'nginx does not start with its configuration',
    cause: 'nginx-stopped',
    where: file,
    plant: `sed -i 's/^    ssi on;/    ssi on/' $N; systemctl stop nginx`,
    reads: 'nginx',
  },
  certificate(
    'the certificate has expired',
    'certificate-expired',
    'openssl x509 -req -in /run/csr -signkey $D.key -days -1 -out $D.crt 2>/dev/null',
  ),
  certificate(
    'the certificate is for another name',
    'certificate-for-another-name',
    'openssl req -x509 -key $D.key -subj /CN=other.example.test -addext subjectAltName=DNS:other.example.test -days 9 -out $D.crt 2>/dev/null',
  ),
];
