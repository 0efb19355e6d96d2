/** The official JSON schema of CycloneDX 1.6, from the npm package of its authors. */
import { type OutputUnit, Validator } from "@cfworker/json-schema";
import { fileFromNpm } from "./from_npm.ts";

const PACKAGE = "@cyclonedx/cyclonedx-library@10.3.0";
/** The package's schemas refer to each other by their file names, relative to this. */
const BASE = "http://cyclonedx.org/schema/";

/** Returns what is wrong with a bill of materials; nothing if it is valid. */
export async function faultsOfBill(bill: unknown): Promise<OutputUnit[]> {
  const validator = new Validator(await schema("bom-1.6.SNAPSHOT.schema.json"), "7");
  for (const name of ["spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"]) {
    validator.addSchema(await schema(name), `${BASE}${name}`);
  }
  return validator.validate(bill).errors;
}

async function schema(name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await Deno.readTextFile(await fileFromNpm(PACKAGE, `package/res/schema/${name}`)));
}
