import { TestFolder } from "../test_folder.ts";
import { simulatedMachine } from "./simulated.ts";
import { STORIES, tell } from "./story.ts";
import { fileMachineTest } from "../file_machine.ts";

for (const story of STORIES) {
  fileMachineTest({
    name: `the story ${story} is on a simulated machine as its transcript says`,
    // tests/on_windows tells the stories on Windows.
    ignore: Deno.build.os === "windows",
    fn: async () => {
      await using folder = new TestFolder();
      await tell(story, simulatedMachine(`${folder.path}/machine.json`));
    },
  });
}
