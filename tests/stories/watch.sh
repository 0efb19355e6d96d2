# A watch reports what others do to an adapter, each change once.

# Waits until the watch has reported something.
reported() {
  local try
  for ((try = 0; try < 300; try++)); do
    if grep -q "$1" watch.jsonl; then return; fi
    sleep 0.2
  done
  echo "The watch does not report $1."
}

wintun create lab --address 10.77.0.1/24 --json
wintun watch lab --count 4 --json >watch.jsonl &
reported '"event":"ready"'
wintun set lab --mtu 1400 --json
reported '"setting":"mtu"'
wintun set lab --dns 10.77.0.53 --json
reported '"setting":"dns"'
wintun set lab --name office --json
reported '"setting":"name"'
wintun delete office --json
wait $!
echo "The watch ended with $?."
