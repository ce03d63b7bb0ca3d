# First boot of a stock host: what Jitsi's packages ask for and generate when they are installed for a domain.
# Read by boot.sh; wants LAB_DOMAIN.
domain=$LAB_DOMAIN
[ ! -e "/etc/jitsi/meet/$domain-config.js" ] || return 0

random_secret() { head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
turn_secret=$(random_secret)
focus_password=$(random_secret)

render() {
  sed -e "s/@DOMAIN@/$domain/g" -e "s/@TURN_SECRET@/$turn_secret/g" -e "s/@FOCUS_PASSWORD@/$focus_password/g" \
    "/lab/templates/$1.in" > "$2"
}

# A self-signed certificate; an elliptic key because it is made in no time.
certify() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=$1" \
    -addext "subjectAltName=DNS:localhost,DNS:$1" -keyout "$2.key" -out "$2.crt" 2>/dev/null
}

mkdir -p /etc/jitsi/meet/jaas /etc/jitsi/jicofo /etc/prosody/conf.avail /etc/prosody/conf.d
render config.js "/etc/jitsi/meet/$domain-config.js"
render jicofo.conf /etc/jitsi/jicofo/jicofo.conf
chmod 0640 /etc/jitsi/jicofo/jicofo.conf
render nginx.conf "/etc/nginx/sites-available/$domain.conf"
ln -s "/etc/nginx/sites-available/$domain.conf" "/etc/nginx/sites-enabled/$domain.conf"
certify "$domain" "/etc/jitsi/meet/$domain"

render prosody.cfg.lua "/etc/prosody/conf.avail/$domain.cfg.lua"
render jaas.cfg.lua /etc/prosody/conf.avail/jaas.cfg.lua
ln -s "/etc/prosody/conf.avail/$domain.cfg.lua" "/etc/prosody/conf.d/$domain.cfg.lua"
for name in "$domain" "auth.$domain"; do
  certify "$name" "/var/lib/prosody/$name"
  chown prosody:prosody "/var/lib/prosody/$name.key" "/var/lib/prosody/$name.crt"
  ln -sf "/var/lib/prosody/$name.key" "/etc/prosody/certs/$name.key"
  ln -sf "/var/lib/prosody/$name.crt" "/etc/prosody/certs/$name.crt"
done
prosodyctl register focus "auth.$domain" "$focus_password" >/dev/null
