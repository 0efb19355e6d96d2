# Windows restarts. A persistent adapter comes back with its settings, also with those that it got later.

wintun create lab --persistent --address 10.77.0.1/24 --mtu 1400 --json
wintun create temporary --address 10.78.0.1/24 --json
wintun set lab --dns 10.77.0.53 --route 10.78.0.0/16 --name office --json

restart-windows
wintun list office --wait down --timeout 60 --json
wintun list --json
wintun create temporary --address 10.78.0.1/24 --json
wintun delete --all --json
restart-windows
wintun list --json
