import { assertEquals } from "@std/assert";
import { main } from "../cli/validated_main.ts";
import type { Host } from "../../src/tun/host.ts";
import { MIN_RING_CAPACITY } from "../../src/wintun/symbols.ts";
import { FakeEnvironment } from "../cli/fake_environment.ts";
import { viewOf } from "../cli/host_view.ts";
import { type Ask, settingsRoundTrip } from "../settings_round_trip.ts";
import { control } from "./fixture.ts";
import { hostTest } from "./host_fixture.ts";

/** Runs commands in this process on the machine of `host`, which stays open. */
function commandsOn(host: Host): Ask {
  return async (...args) => {
    const environment = new FakeEnvironment();
    environment.host = () => viewOf(host, {});
    const code = await main([...args, "--json"], environment);
    assertEquals([code, environment.stderr.text], [0, ""], args.join(" "));
    return environment.stdout.objects[0];
  };
}

for (const [seed, hasNetwork] of [[11, false], [12, true]] as const) {
  hostTest(`what is set is read back, not set twice, and taken back (seed ${seed})`, async (host) => {
    control.EmulatorSetLinkLocal(1);
    using adapter = await host.create({ name: "lab", type: "T" });
    // While a session is open, the adapter has a network.
    using _session = hasNetwork ? adapter.openSession(MIN_RING_CAPACITY) : undefined;
    await settingsRoundTrip(commandsOn(host), "lab", 40, seed);
  });
}
