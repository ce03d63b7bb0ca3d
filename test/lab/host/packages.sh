# Makes dpkg answer as on a host where Jitsi's packages are installed; their files come from elsewhere.
set -eu
work=$(mktemp -d)
stand_in() {
  mkdir -p "$work/$1/DEBIAN"
  cat > "$work/$1/DEBIAN/control" <<CONTROL
Package: $1
Version: $2
Architecture: all
Maintainer: lab <lab@example.test>
Description: stands in for Jitsi's package in a lab
CONTROL
  dpkg-deb --build "$work/$1" >/dev/null
  dpkg --install "$work/$1.deb" >/dev/null
}
stand_in jitsi-meet-web 1.0.8792-1
stand_in jitsi-meet-web-config 1.0.8792-1
stand_in jitsi-meet-prosody 1.0.8792-1
stand_in jitsi-meet 2.0.10431-1
rm -r "$work"
