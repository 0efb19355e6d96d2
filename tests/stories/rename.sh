# A lab becomes an office. Scripts that know the old name find nothing any more.

wintun create lab --address 10.77.0.1/24 --persistent --json
wintun create other --json

wintun set lab --name office --dry-run --json
wintun set lab --name other --json
wintun set lab --name office --mtu 1400 --json
wintun set lab --mtu 1500 --json
wintun list --json
wintun delete office other --json
