import { assert, assertEquals } from "@std/assert";
import { readOutput } from "../validation.ts";
import { NetworkNamespace } from "./network_namespace.ts";
import { commandArguments } from "./served.ts";

/** Runs the self-test on the emulator, whose pings pass through the kernel and the adapter's TUN device. */
// deno-lint-ignore no-explicit-any
async function selfTest(namespace: NetworkNamespace): Promise<any> {
  const command = namespace.command(Deno.execPath(), commandArguments("doctor", "--self-test", "--json"), {
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { stdout } = await command.output();
  assertEquals(await namespace.devices(), []);
  return readOutput("doctor", new TextDecoder().decode(stdout));
}

interface Finding {
  readonly check: string;
  readonly result: string;
}

function resultsOf({ findings }: { readonly findings: readonly Finding[] }): Record<string, string> {
  const ofTest = findings.filter(({ check }) => check.startsWith("self-test-"));
  return Object.fromEntries(ofTest.map(({ check, result }) => [check.slice("self-test-".length), result]));
}

Deno.test("the self-test pings an adapter through the kernel, IPv4 and IPv6, small and in fragments", async () => {
  await using namespace = await NetworkNamespace.create();
  const object = await selfTest(namespace);
  const { selfTest: { pings, settings, echo } } = object;
  assertEquals(resultsOf(object), {
    "adapter": "ok",
    "settings": "ok",
    "ipv4": "ok",
    "rate-ipv4": "ok",
    "ipv6": "ok",
    "rate-ipv6": "ok",
    "removal": "ok",
  });
  assertEquals(settings.differences, []);
  let sent = 0;
  for (const family of [pings.ipv4, pings.ipv6]) {
    for (const name of ["small", "large", "routed", "parallel"]) {
      assertEquals(family[name].answered, family[name].sent, name);
      sent += family[name].sent;
    }
  }
  // A large ping is many packets.
  assert(echo.replied > sent, JSON.stringify(echo));
});

Deno.test("the self-test of a machine without IPv6 tests IPv4, and warns", async () => {
  await using namespace = await NetworkNamespace.create();
  await namespace.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
  const object = await selfTest(namespace);
  const { settings, ipv4, ipv6, removal } = resultsOf(object);
  assertEquals([settings, ipv4, ipv6, removal], ["warning", "ok", undefined, "ok"]);
  assertEquals(object.selfTest.pings.ipv6, null);
});
