# A configuration management without DSC itself uses the verbs of the resource by stdin.

lab='{"name":"lab","addresses":["10.77.0.1/24"],"mtu":1400,"dns":["10.77.0.53"]}'

wintun dsc get <<<'{"name":"lab"}'
wintun dsc test <<<"$lab"
wintun dsc what-if <<<"$lab"
wintun dsc set <<<"$lab"
wintun dsc test <<<"$lab"
wintun dsc set <<<"$lab"
wintun dsc set <<<'{"name":"lab","mtu":1300}'
wintun dsc test <<<"$lab"
wintun dsc export
wintun dsc set <<<'{"name":"lab","colour":"blue"}'
wintun dsc set <<<'{"name":"lab","_exist":false}'
wintun dsc get <<<'{"name":"lab"}'
