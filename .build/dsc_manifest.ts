import { completeSchema, type JsonSchema } from "../src/cli/json_schemas.ts";
import { EXIT_MEANINGS } from "../src/cli/process/exit_codes.ts";
import { DESCRIPTION, NAME, VERSION } from "./product.ts";

/** The name of the file, which lies beside the executable. DSC looks in the folders of the PATH for files that end so. */
export const DSC_MANIFEST = `${NAME}.dsc.resource.json`;

/**
 * Returns the schema of an adapter's state, without names for the fields that DSC defines itself, such as `_exist`. The schema
 * of manifests wants references to DSC's definitions for these, and dsc does not resolve references.
 */
function stateSchema(): JsonSchema {
  const { properties, ...schema } = completeSchema("dsc");
  const fields = Object.entries(properties as JsonSchema);
  const own = fields.filter(([field]) => !field.startsWith("_"));
  return {
    ...schema,
    properties: Object.fromEntries(own),
    patternProperties: { "^_(exist|inDesiredState)$": { type: "boolean" } },
  };
}

/** Returns the manifest of the executable as a resource of Microsoft DSC ("DSC resource manifest schema", version 3.1). */
export function dscManifest(): string {
  const verb = (name: string): Record<string, unknown> => ({
    executable: NAME,
    args: ["dsc", name],
    input: "stdin",
  });
  const changes = { implementsPretest: true, handlesExist: true, return: "stateAndDiff" };
  const manifest = {
    $schema: "https://aka.ms/dsc/schemas/v3/bundled/resource/manifest.json",
    type: "Wintun/Adapter",
    version: VERSION,
    description: `${DESCRIPTION}.`,
    tags: ["Windows", "network"],
    get: verb("get"),
    set: { ...verb("set"), ...changes },
    whatIf: { ...verb("what-if"), ...changes },
    test: { ...verb("test"), return: "stateAndDiff" },
    delete: verb("delete"),
    export: verb("export"),
    exitCodes: EXIT_MEANINGS,
    schema: { embedded: stateSchema() },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
