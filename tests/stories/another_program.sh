# A VPN has an adapter of its own and a session on it. It is left alone, unless somebody insists.

other-program vpn
wintun list vpn --json

wintun create vpn --if-not-exists --json
wintun set vpn --mtu 1400 --json
wintun serve vpn --json
wintun delete vpn --json
wintun stop vpn --json
wintun delete --all --json

wintun set vpn --mtu 1400 --force --dry-run --json
wintun set vpn --mtu 1400 --force --json
wintun serve vpn --force --json
wintun delete vpn --force --json
wintun list --json
