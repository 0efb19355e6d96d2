# Commands that cannot be done say so by their exit code, and change nothing.

wintun create lab --address 10.77.0.1/24 --guid 11111111-2222-4333-8444-555555555555 --json

wintun create lab --address 10.79.0.1/24 --json
wintun create second --guid 11111111-2222-4333-8444-555555555555 --json
wintun create second --address 10.77.0.1/24 --json
wintun create second --address 10.77.0.1 --json
wintun create second --mtu 67 --json
wintun set lab --dns 10.77.0.53 --colour blue --json
wintun set lab --route 10.78.0.1/16 --json
wintun set nosuch --mtu 1400 --json
wintun list nosuch --json
wintun serve nosuch --json
wintun list lab --wait up --timeout 1 --json

wintun list --json
wintun delete lab nosuch --json
