# A script that sets up a machine is run again after an upgrade. The second run finds nothing to change.

set_up() {
  wintun create lab --if-not-exists --address 10.77.0.1/24 --address fd77::1/64 --mtu 1400 --metric 5 --json
  wintun set lab --dns 10.77.0.53 --route 10.78.0.0/16 --json
  wintun delete old-lab --ignore-missing --json
}

count_changes() {
  grep -c '"changed":true'
}

wintun create old-lab
echo "The first run changes $(set_up | count_changes) things."
echo "The second run changes $(set_up | count_changes) things."
wintun list --json
wintun delete lab
