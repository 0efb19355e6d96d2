/** `deno run -A tests/stories/record.ts STORY…` writes the transcripts of stories anew, as they are on a simulated machine. */

import { TestFolder } from "../test_folder.ts";
import { simulatedMachine } from "./simulated.ts";
import { transcribe, transcriptFileOf } from "./story.ts";

for (const story of Deno.args) {
  await using folder = new TestFolder();
  const transcript = await transcribe(story, simulatedMachine(`${folder.path}/machine.json`));
  await Deno.writeTextFile(transcriptFileOf(story), transcript);
}
