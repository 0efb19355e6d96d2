import { run } from "./network_namespace.ts";

/** Makes tshark verify checksums: `ip.checksum.status` and `udp.checksum.status` are 1 if they are right. */
const VERIFY = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"];

/** Reads a capture with tshark and returns the number of packets that match the filter. Throws on any warning. */
export async function countPackets(file: string, filter = ""): Promise<number> {
  const args = [
    "-n",
    ...VERIFY,
    "-r",
    file,
    "-T",
    "fields",
    "-e",
    "frame.number",
    ...(filter === "" ? [] : ["-Y", filter]),
  ];
  const { code, stdout, stderr } = await new Deno.Command("tshark", { args, stdin: "null" }).output();
  const complaints = new TextDecoder().decode(stderr).split("\n")
    .filter((line) => line !== "" && !line.startsWith("Running as user"));
  if (code !== 0 || complaints.length > 0) {
    throw new Error(`tshark -r ${file}: exit ${code}\n${complaints.join("\n")}`);
  }
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "").length;
}

export const INBOUND = "frame.packet_flags_direction == 1";
export const OUTBOUND = "frame.packet_flags_direction == 2";

/** Returns the properties of a capture by the names that capinfos gives them. Throws if the capture is cut short. */
export async function describeCapture(file: string): Promise<Map<string, string>> {
  const lines = (await run("capinfos", ["-M", file])).split("\n");
  return new Map(lines.map((line) => {
    const [name, ...value] = line.split(/[:=]/);
    return [name.trim(), value.join(":").trim()];
  }));
}
