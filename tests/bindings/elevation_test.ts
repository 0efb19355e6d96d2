import { assertEquals } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { main } from "../cli/validated_main.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { FakeEnvironment } from "../cli/fake_environment.ts";
import { control, emulatorTest, libraries } from "./fixture.ts";

/** Command lines that would change the machine, with adapters that do not exist. */
const CHANGING: Readonly<Record<string, readonly string[]>> = {
  create: ["nobody", "nobody --if-not-exists", "nobody --dry-run", "nobody --foreground"],
  set: ["nobody --mtu 1400"],
  delete: ["nobody", "nobody --ignore-missing", "nobody --force", "--all"],
  serve: ["nobody", "nobody --address 10.6.7.7/24"],
  stop: ["nobody", "nobody --ignore-missing"],
  driver: ["uninstall"],
};
/** Commands that never change the machine. What `simulate` changes is a simulated one. */
const HARMLESS = ["list", "watch", "doctor", "simulate", "completions", "version", "help"];

for (const { name } of COMMANDS.filter(({ name }) => !HARMLESS.includes(name))) {
  emulatorTest(`wintun ${name} without elevation is exit code 3, whatever there is`, async () => {
    control.EmulatorSetElevated(0);
    for (const rest of CHANGING[name] ?? [""]) {
      const environment = new FakeEnvironment();
      environment.host = () => openWindowsHost({ libraries });
      const code = await main([name, ...rest.split(" ")], environment);
      assertEquals([rest, code, environment.stdout.text], [rest, 3, ""], environment.stderr.text);
    }
  });
}
