import { assert, assertEquals, assertThrows } from "@std/assert";
import { type CommandWords, readArguments } from "../../../src/cli/arguments/command_line.ts";
import { flag, type Options, repeated, single } from "../../../src/cli/arguments/options.ts";
import { UsageError } from "../../../src/cli/arguments/usage_error.ts";
import { integerReader } from "../../../src/cli/arguments/values.ts";

const OPTIONS = {
  mtu: single("N", integerReader(1, 100), "Size."),
  address: repeated("CIDR", (text) => text, "Address."),
  pcap: single("FILE", (text) => text, "Capture."),
  json: flag("JSON."),
  quiet: flag("Quiet.", "q"),
  "no-color": flag("Plain."),
} as const satisfies Options;

function usageError(args: string[], command?: CommandWords): UsageError {
  return assertThrows(() => readArguments(args, OPTIONS, command), UsageError);
}

Deno.test("readArguments() gives each option its declared shape", () => {
  const { values, operands } = readArguments(
    ["lab", "--mtu", "5", "--address", "a", "--address=b", "-q"],
    OPTIONS,
  );
  assertEquals(values, {
    mtu: 5,
    address: ["a", "b"],
    pcap: undefined,
    json: false,
    quiet: true,
    "no-color": false,
  });
  assertEquals(operands, ["lab"]);
});

Deno.test("readArguments() refuses an empty operand, also behind --", () => {
  for (const args of [[""], ["lab", ""], ["--", ""]]) {
    const { message, hint } = usageError(args, { name: "delete", usage: "NAME... [options]" });
    assertEquals(message, "An argument is empty.");
    assertEquals(hint, "Usage: wintun delete NAME... [options].");
  }
});

Deno.test("readArguments() leaves out what is not given", () => {
  const { values, operands } = readArguments([], OPTIONS);
  assertEquals(values, {
    mtu: undefined,
    address: [],
    pcap: undefined,
    json: false,
    quiet: false,
    "no-color": false,
  });
  assertEquals(operands, []);
});

Deno.test("readArguments() takes everything after -- as operands", () => {
  const { values, operands } = readArguments(["--json", "--", "--mtu", "-q", "7"], OPTIONS);
  assertEquals(operands, ["--mtu", "-q", "7"]);
  assert(values.json && !values.quiet);
});

Deno.test("readArguments() takes a flag whose name starts with no- as any other", () => {
  const { values, operands } = readArguments(["--no-color", "true"], OPTIONS);
  assert(values["no-color"]);
  assertEquals(operands, ["true"]);
});

Deno.test("readArguments() keeps operands that look like numbers or truth values as text", () => {
  assertEquals(readArguments(["--json", "true", "010", "1e3", "-"], OPTIONS).operands, [
    "true",
    "010",
    "1e3",
    "-",
  ]);
});

Deno.test("readArguments() takes a lone hyphen and an equals sign as part of a value", () => {
  assertEquals(readArguments(["--pcap", "-"], OPTIONS).values.pcap, "-");
  assertEquals(readArguments(["--pcap=a=b"], OPTIONS).values.pcap, "a=b");
});

Deno.test("readArguments() refuses an option that is not declared, and suggests the nearest one", () => {
  const error = usageError(["--adress", "10.0.0.1/8"]);
  assertEquals(error.message, "There is no option --adress.");
  assertEquals(error.hint, "Did you mean --address?");
  assertEquals(usageError(["--frobnicate=1"]).hint, "wintun help shows the options.");
  assertEquals(usageError(["-x"]).message, "There is no option -x.");
  assertEquals(usageError(["--__proto__=1"]).message, "There is no option --__proto__.");
  assertEquals(usageError(["--no-json"]).message, "There is no option --no-json.");
});

Deno.test("readArguments() refuses an option without its value", () => {
  assertEquals(usageError(["--mtu"]).message, "--mtu needs a value: --mtu N.");
  assertEquals(usageError(["--mtu", "--json"]).message, "--mtu needs a value: --mtu N.");
  assertEquals(usageError(["--address", "-q"]).message, "--address needs a value: --address CIDR.");
});

Deno.test("readArguments() refuses an empty value", () => {
  assertEquals(usageError(["--mtu="]).message, "--mtu needs a value, and this one is empty: --mtu N.");
  assertEquals(
    usageError(["--address", ""]).message,
    "--address needs a value, and this one is empty: --address CIDR.",
  );
});

Deno.test("readArguments() refuses a single option given twice", () => {
  assertEquals(
    usageError(["--mtu", "5", "--mtu", "5"]).message,
    "--mtu can be given once only.",
  );
});

Deno.test("readArguments() refuses a value for a flag", () => {
  assertEquals(usageError(["--json=no"]).message, "--json takes no value: --json=no.");
});

Deno.test("readArguments() names the option, the value and the rule of a bad value", () => {
  assertEquals(usageError(["--mtu", "101"]).message, "--mtu 101: must be a whole number from 1 to 100.");
  assertEquals(usageError(["--mtu", "-5"]).message, "--mtu -5: must be a whole number from 1 to 100.");
});

Deno.test("readArguments() suggests the options that an unknown one begins, and a letter in the other case", () => {
  assertEquals(usageError(["--addr", "10.0.0.1/8"]).hint, "Did you mean --address?");
  assertEquals(usageError(["-dns"]).hint, "wintun help shows the options.");
  assertEquals(usageError(["-mtu", "5"]).hint, "Did you mean --mtu?");
  assertEquals(usageError(["-Q"]).hint, "Did you mean -q?");
});

Deno.test("readArguments() names the help of the command, and how a name begins with a hyphen, where no option is near", () => {
  assertEquals(
    usageError(["--frobnicate"], { name: "set", usage: "NAME options" }).hint,
    "wintun help set shows the options.",
  );
  assertEquals(
    usageError(["-lab"], { name: "create", usage: "NAME [options]" }).hint,
    "wintun help create shows the options. Put -- before a name that begins with a hyphen: wintun create -- -lab.",
  );
  assertEquals(
    usageError(["-lab"], { name: "doctor", usage: "[options]" }).hint,
    "wintun help doctor shows the options.",
  );
});

const COLOR = repeated("COLOR", (text) => {
  if (text === "red" || text === "blue") return text;
  throw new UsageError(`${text}: must be red or blue.`);
}, "Colour.");

Deno.test("readArguments() says that a repeated option takes one value, where it is given a list or two in a row", () => {
  const message = (...args: string[]): string => {
    const { message, hint } = assertThrows(() => readArguments(args, { color: COLOR }), UsageError);
    return `${message} ${hint}`;
  };
  const hint = "Give --color once for each value.";
  assertEquals(message("--color", "red,blue"), `--color takes one value, and "red,blue" is a list. ${hint}`);
  for (const args of [["lab", "--color", "red", "blue"], ["--color=red", "blue", "lab"]]) {
    assertEquals(message(...args), `--color takes one value, and "blue" is a second one. ${hint}`);
  }
});

Deno.test("readArguments() takes an operand behind a repeated option that could be its value, where it is the only one", () => {
  assertEquals(readArguments(["--color", "red", "blue"], { color: COLOR }).operands, ["blue"]);
  assertEquals(readArguments(["--color", "red", "my", "lab"], { color: COLOR }).operands, ["my", "lab"]);
});
