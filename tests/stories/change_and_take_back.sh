# An adapter gets other settings for an afternoon. Then everything is as it was before.

wintun create lab --address 10.77.0.1/24 --json

wintun set lab --address 10.77.9.1/24 --address fd77::1/64 --mtu 1300 --metric ipv4=7 --forwarding on --json
wintun set lab --route "10.78.0.0/16,via=10.77.9.9,metric=5" --route fd78::/48 --dns 10.77.9.53 --json
wintun set lab --dns-suffix lab.example --dns-search lab.example --dns-for corp.example=10.77.9.54 --json
wintun list lab --json

wintun set lab --route none --dns none --dns-suffix none --dns-search none --dns-for none --json
wintun set lab --address 10.77.0.1/24 --mtu default --metric default --forwarding default --json
wintun list lab --json
wintun delete lab --json
