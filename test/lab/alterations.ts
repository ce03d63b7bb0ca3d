/** A script that goes on when Prosody answers BOSH; its unit is active before that. The host's name is its domain. */
export const awaitBosh =
  'until curl --silent --fail --output /dev/null --header "Host: $(hostname)" http://127.0.0.1:5280/http-bind; do sleep 0.1; done';

const hostFile = '"/etc/prosody/conf.avail/$(hostname).cfg.lua"';

/** What people may have done to a stock host before we come, each as a shell script for a host that is up. */
export const alterations = {
  'docker-missing': `systemctl disable --now --quiet docker.socket docker.service containerd.service 2>/dev/null
    dpkg --purge docker.io containerd >/dev/null 2>&1`,
  'docker-stopped': 'systemctl disable --now --quiet docker.socket docker.service 2>/dev/null',
  // The token plugin's modules, linked for Prosody's Lua as an admin would do it by hand.
  'lua-mended': `mkdir -p /usr/local/share/lua/5.4
    ln -s /usr/share/lua/5.2/basexx.lua /usr/share/lua/5.3/inspect.lua /usr/local/share/lua/5.4/
    systemctl restart prosody
    ${awaitBosh}`,
  'nginx-invalid': "echo 'server { listen 81; this is not nginx; }' > /etc/nginx/conf.d/broken.conf",
  'nginx-stopped': 'systemctl stop nginx',
  'port-taken': `systemd-run --quiet --unit=squatter perl -MIO::Socket::INET -e '
    my $socket = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 18080, Listen => 1) or die $!;
    sleep while 1'
    until ss --listening --numeric --tcp | grep --quiet 127.0.0.1:18080; do sleep 0.1; done`,
  // Valid for Prosody; its host's name is an expression, which no editor of text can follow.
  'prosody-computed-host': `printf '\\nlocal extra = "extra." .. "example.test"\\nVirtualHost(extra)\\n' >> ${hostFile}`,
  // The stray backtick of the handbook's page.
  'prosody-invalid': `printf '\\nComponent "extra.example.test" "muc"\`\\n' >> ${hostFile}`,
} as const;

/** The name of one such thing. */
export type Alteration = keyof typeof alterations;
