# All adapters of this program go, whoever holds them, and then the driver.

wintun create lab --address 10.77.0.1/24 --json
wintun create site --persistent --address 10.78.0.1/24 --dns-for site.example=10.78.0.53 --json
wintun serve test --address 10.79.0.1/24 --json >serve.jsonl &
wintun list test --wait up --timeout 60 --json
wintun driver uninstall --json

wintun delete --all --json
wait $!
echo "The serve ended with $?."
wintun driver uninstall --json
wintun list --all --json
