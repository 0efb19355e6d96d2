import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Host, PacketSession } from "../../../src/tun/host.ts";
import type { SimulatedAttachment } from "../../../src/tun/simulated/device.ts";
import { SimulatedHost } from "../../../src/tun/simulated/host.ts";
import { corruptReceiveRing, fillSendRing } from "../../tun/simulated/faults.ts";
import { viewOf } from "../host_view.ts";
import { onHost, ringsOf, serve, withSessions } from "./runs.ts";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"]) {
  Deno.test(`serve ends with exit 0 on ${signal}`, async () => {
    const { code, environment } = await serve(
      "demo --simulate --address 10.6.7.7/24 --json",
      (environment) => {
        environment.stdout.written(/"ready"/).then(() => environment.signal(signal));
      },
    );
    assertEquals([code, environment.stdout.objects[1].reason], [0, "signal"]);
    assertEquals(environment.stderr.text, "");
  });
}

for (const reason of ["close", "logoff", "shutdown"]) {
  Deno.test(`serve ends with exit 0 when Windows is about to end it (${reason})`, async () => {
    const { code, environment } = await serve(
      "demo --simulate --address 10.6.7.7/24 --json",
      (environment) => {
        environment.stdout.written(/"ready"/).then(() => environment.endConsole(reason));
      },
    );
    assertEquals([code, environment.stdout.objects[1].reason], [0, "signal"]);
    assertEquals(environment.stderr.text, "");
  });
}

Deno.test("serve that is interrupted before it is ready gives exit 130, and leaves no adapter", async () => {
  const host = new SimulatedHost();
  const { code, environment } = await serve("lab --address 10.6.7.7/24", (environment) => {
    environment.host = () =>
      viewOf(host, {
        create: (request) => {
          environment.signal("SIGINT");
          return host.create(request);
        },
      });
  });
  assertEquals([code, environment.stdout.text], [130, ""]);
  const [answer, error] = environment.stderr.lines;
  assertMatch(answer, /^Interrupted\. The command ends as soon as Windows has answered/);
  assertEquals(error, "error: Interrupted before the adapter was served.");
  assertEquals(await host.list(), []);
});

Deno.test("A second interrupt does not wait for an end that hangs", async () => {
  const closing = Promise.withResolvers<void>();
  const host = new SimulatedHost();
  const { code, environment } = await serve("lab --address 10.6.7.7/24 --json", (environment) => {
    environment.host = () =>
      viewOf(host, {
        [Symbol.asyncDispose]: () => {
          setTimeout(() => environment.signal("SIGINT"));
          return closing.promise;
        },
      });
    environment.stdout.written(/"ready"/).then(() => environment.signal("SIGINT"));
  });
  closing.resolve();
  assertEquals([code, environment.stderr.objects[0].error.exitCode], [130, 130]);
  assertEquals(environment.stdout.objects[1].event, "stopped");
});

Deno.test("serve gives exit 10 when the adapter is removed meanwhile, after its summary", async () => {
  const { code, environment } = await serve("demo --simulate --address 10.6.7.7/24 --json", (environment) => {
    environment.stdout.written(/"ready"/).then(async () => {
      const machine = environment.simulatedHost!;
      await machine.remove((await machine.find("demo"))!);
    });
  });
  assertEquals([code, environment.stdout.objects[1].reason], [10, "removed"]);
  assertEquals(
    environment.stderr.objects[0].error.message,
    `Cannot go on serving adapter "demo": it was removed`,
  );
});

/** Returns a host whose first `times` sessions have a fault as soon as they open. */
function misbehaving(host: SimulatedHost, fault: (rings: SimulatedAttachment) => void, times: number): Host {
  let left = times;
  return withSessions(host, (session) => {
    if (left-- > 0) fault(ringsOf(session));
  });
}

Deno.test("serve restarts a corrupt session on the same adapter, counts it and says it", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  const { code, environment } = await serve(
    "lab --address 10.6.7.7/24 --count 2 --json",
    onHost(misbehaving(host, corruptReceiveRing, 3)),
  );
  const stopped = environment.stdout.objects.at(-1);
  assertEquals([code, stopped.reason, stopped.replied, stopped.restarts], [0, "count", 2, 3]);
  assertEquals(environment.stdout.objects.filter(({ event }) => event === "ready").length, 1);
  assertEquals(environment.stderr.objects.length, 3);
  assertMatch(environment.stderr.objects[2].warning.message, /restart 3 of at most 3 in a row/);
});

Deno.test("serve neither counts nor announces a restart whose session does not open", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  const view = misbehaving(host, corruptReceiveRing, 1);
  let sessions = 0;
  const { code, environment } = await serve(
    "lab --address 10.6.7.7/24 --json",
    onHost(view, {
      create: async (request) => {
        const adapter = await view.create(request);
        const openSession = (capacityBytes: number): PacketSession => {
          if (sessions++ > 0) throw new Error("no session");
          return adapter.openSession(capacityBytes);
        };
        return { ...adapter, openSession };
      },
    }),
  );
  const stopped = environment.stdout.objects.at(-1);
  assertEquals([code, stopped.reason, stopped.restarts], [1, "error", 0]);
  assertEquals(environment.stderr.objects.map(({ error }) => error?.message), ["no session"]);
});

Deno.test("serve gives up after the fourth corrupt session in a row, with exit 1", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  const { code, environment } = await serve(
    "lab --address 10.6.7.7/24 --json",
    onHost(misbehaving(host, corruptReceiveRing, 99)),
  );
  const stopped = environment.stdout.objects.at(-1);
  assertEquals([code, stopped.reason, stopped.restarts], [1, "corrupt", 3]);
  assertMatch(
    environment.stderr.objects.at(-1).error.message,
    /the receive ring was corrupt 4 times in a row$/,
  );
  assertEquals(await host.list(), []);
});

Deno.test("serve keeps the totals of the sessions before a restart, and counts replies over all", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  const { code, environment } = await serve(
    "lab --address 10.6.7.7/24 --count 40 --log-packets --json",
    (environment) => {
      let session: PacketSession;
      onHost(withSessions(host, (opened) => session = opened))(environment);
      environment.stdout.written(/"out"/).then(() => corruptReceiveRing(ringsOf(session)));
    },
  );
  const stopped = environment.stdout.objects.at(-1);
  assertEquals([code, stopped.replied, stopped.restarts], [0, 40, 1]);
  const replies = environment.stdout.objects.filter(({ direction }) => direction === "out");
  assertEquals(replies.length, 40);
});

Deno.test("serve counts replies that find the send ring full, and goes on", async () => {
  const host = new SimulatedHost({ pingIntervalMs: 2 });
  const { code, environment } = await serve(
    "lab --address 10.6.7.7/24 --duration 0.1 --json",
    onHost(misbehaving(host, fillSendRing, 1)),
  );
  const stopped = environment.stdout.objects.at(-1);
  assertEquals([code, stopped.replied], [0, 0]);
  assert(stopped.dropped >= 2 && stopped.dropped === stopped.received);
});

Deno.test("serve --simulate fails with exit 1 when a reply is wrong", async () => {
  const { code, environment } = await serve("demo --simulate --address 10.6.7.7/24 --json", (environment) => {
    environment.stdout.written(/"ready"/).then(() => {
      environment.simulatedOptions!.onPeer!({ type: "wrong", reason: "the reply has a wrong byte" });
    });
  });
  assertEquals([code, environment.stdout.objects[1].reason], [1, "error"]);
  assertEquals(
    environment.stderr.objects[0].error.message,
    "The echo is wrong: the reply has a wrong byte",
  );
});

Deno.test("serve ends quietly when nobody reads its output any more", async () => {
  const { code, environment } = await serve(
    "demo --simulate --address 10.6.7.7/24 --log-packets",
    (environment) => {
      environment.stdout.written(/out/).then(() => environment.stdout.isClosed = true);
    },
  );
  assertEquals(code, 0);
  assertStringIncludes(
    environment.stderr.text,
    "The reader of the output closed it, so serving has ended.\n",
  );
  assert(!environment.stderr.text.includes("error"));
});

Deno.test("serve waits for no reader of its notes, not even before it serves", async () => {
  const { code, environment } = await serve(
    "demo --simulate --address 10.6.7.7/24 --count 1 --verbose",
    ({ stdout, stderr }) => {
      for (const stream of [stdout, stderr]) {
        const { write } = stream;
        stream.writeLater = (text) => Promise.resolve(write.call(stream, text));
        stream.write = () => {
          throw new Error("nobody reads, so this write does not return");
        };
      }
    },
  );
  assertEquals(code, 0);
  assertStringIncludes(environment.stderr.text, "Creating adapter");
  assertMatch(environment.stdout.text, /^Served demo /);
});
