import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { main } from "../validated_main.ts";
import { SimulatedHost } from "../../../src/tun/simulated/host.ts";
import { FakeEnvironment } from "../fake_environment.ts";

const LEGACY = ["ROOT\\NET\\0001", "ROOT\\NET\\0002"];

/** A machine with devices of an old Wintun, as far as `check` knows. */
class LegacyHost extends SimulatedHost {
  override async check(
    request: Parameters<SimulatedHost["check"]>[0],
  ): ReturnType<SimulatedHost["check"]> {
    return { ...await super.check(request), removes: LEGACY };
  }
}

/** Runs a command. Returns the permissions with which the command and its keeper opened the machine. */
async function permissions(...args: string[]): Promise<(boolean | undefined)[]> {
  const environment = new FakeEnvironment();
  const given: (boolean | undefined)[] = [];
  environment.host = ({ removeLegacy }) => {
    given.push(removeLegacy);
    return new SimulatedHost({ pingIntervalMs: 2 });
  };
  if (args.includes("--foreground")) {
    environment.stdout.written(/created/).then(() => environment.signal("SIGINT"));
  }
  assertEquals([await main(args, environment), environment.stderr.text.includes("error")], [0, false]);
  return given;
}

for (
  const [line, opened] of [
    ["create lab", 2],
    ["create lab --foreground", 1],
    ["create lab --dry-run", 1],
    ["serve lab --address 10.6.7.7/24 --count 1", 1],
    ["driver status", 1],
    ["driver uninstall", 1],
  ] as const
) {
  Deno.test(`${line} may remove legacy devices with --remove-legacy only, wherever it opens the machine`, async () => {
    const args = line.split(" ");
    assertEquals(await permissions(...args), Array(opened).fill(false));
    assertEquals(await permissions(...args, "--remove-legacy"), Array(opened).fill(true));
  });
}

for (
  const [line, code] of [["list", 0], ["set lab --mtu 1400", 4], ["delete lab", 4], ["doctor", 0]] as const
) {
  Deno.test(`${line} opens the machine without permission to remove legacy devices`, async () => {
    const environment = new FakeEnvironment();
    const given: (boolean | undefined)[] = [];
    environment.host = ({ removeLegacy }) => {
      given.push(removeLegacy);
      return new SimulatedHost();
    };
    assertEquals(await main(line.split(" "), environment), code);
    assertEquals(given, [false]);
  });
}

Deno.test("only the commands that load wintun.dll take --remove-legacy", () => {
  const taking = COMMANDS.filter(({ options }) => Object.hasOwn(options, "remove-legacy"));
  assertEquals(taking.map(({ name }) => name), ["create", "serve", "driver"]);
});

Deno.test("--simulate and --remove-legacy go together: a simulated machine has no legacy devices", async () => {
  const environment = new FakeEnvironment();
  assertEquals(await main(["create", "lab", "--simulate", "--remove-legacy"], environment), 0);
  assertEquals(environment.stderr.text, "This machine is simulated, in memory.\n");
});

Deno.test("create --dry-run --remove-legacy says what would be removed", async () => {
  const dryRun = async (...more: string[]): Promise<FakeEnvironment> => {
    const environment = new FakeEnvironment();
    environment.host = () => new LegacyHost();
    assertEquals(await main(["create", "lab", "--dry-run", "--remove-legacy", ...more], environment), 0);
    return environment;
  };
  const [plan] = (await dryRun("--json")).stdout.objects;
  assertEquals([plan.dryRun, plan.removes], [true, LEGACY]);
  const { text } = (await dryRun()).stdout;
  assertStringIncludes(text, `Would remove devices of Wintun 0.13 or older: ${LEGACY.join(", ")}.\n`);
  assertStringIncludes(text, 'Would create adapter "lab"');
});

Deno.test("create --dry-run says that nothing would be removed where there is nothing", async () => {
  const environment = new FakeEnvironment();
  assertEquals(await main(["create", "lab", "--dry-run", "--simulate", "--json"], environment), 0);
  assertEquals(environment.stdout.objects[0].removes, []);
});
