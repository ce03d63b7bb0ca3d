/** A script that goes on when Prosody answers BOSH; the unit is active before that. The host's name is its domain. */
export const awaitBosh =
  'until curl --silent --fail --output /dev/null --header "Host: $(hostname)" http://127.0.0.1:5280/http-bind; do sleep 0.1; done';

/**
 * What can be wrong with a host, or was done to it by hand before, each as a shell script for a host that is up.
 * `lua-mended`: the token plugin's modules are linked for Prosody's Lua 5.4, as an admin would do it by hand.
 */
export const ailments = {
  'no-docker': `systemctl disable --now --quiet docker.socket docker.service containerd.service
    dpkg --purge docker.io containerd >/dev/null 2>&1`,
  'docker-stopped': 'systemctl disable --now --quiet docker.socket docker.service',
  'lua-mended': `mkdir -p /usr/local/share/lua/5.4
    ln -s /usr/share/lua/5.2/basexx.lua /usr/share/lua/5.3/inspect.lua /usr/local/share/lua/5.4/
    systemctl restart prosody
    ${awaitBosh}`,
  'nginx-invalid': "echo 'server { listen 81; this is not nginx; }' > /etc/nginx/conf.d/broken.conf",
  'nginx-stopped': 'systemctl stop nginx',
  'prosody-not-understood': `printf '\\nlocal hosts = require("hosts")\\nVirtualHost(hosts[1])\\n' >> "$(readlink -f /etc/prosody/conf.d/*.*.*.cfg.lua)"`,
  'prosody-invalid': `printf '\\nComponent "x" "muc"\`\\n' >> "$(readlink -f /etc/prosody/conf.d/*.*.*.cfg.lua)"`,
  'port-taken': `systemd-run --quiet --unit=squatter perl -MIO::Socket::INET -e '
    $socket = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 18080, Listen => 1) or die $!;
    sleep while 1;'`,
} as const;

/** The name of one such thing. */
export type Ailment = keyof typeof ailments;
