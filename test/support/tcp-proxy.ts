import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A place in the network that connections go through: a load balancer, or a cable that can be cut. */
export type TcpProxy = {
  readonly port: number;
  /** From now on nothing passes and nobody is told: packets vanish, connections stay open. */
  partition(): void;
  /** What was held back does not come any more: connections of the partition's time break, new ones pass. */
  heal(): void;
  close(): Promise<void>;
};

/** Passes each connection to the first of these ports that answers, beginning with another one each time. */
export async function startProxy(targets: readonly number[]): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let turn = 0;

  const hold = (socket: Socket) => {
    sockets.add(socket);
    // A reset of either side is passed on by the close handler.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const pass = async (client: Socket) => {
    hold(client);
    // Nothing of what the client says is lost while a target is looked for.
    client.pause();
    turn += 1;
    for (let attempt = 0; attempt < targets.length; attempt += 1) {
      const target = await reach(targets[(turn + attempt) % targets.length] as number);
      if (target === null) continue;
      hold(target);
      const forward = (from: Socket, to: Socket) => {
        from.on("data", (chunk: Buffer) => {
          if (!isCut && !to.write(chunk)) {
            from.pause();
            to.once("drain", () => from.resume());
          }
        });
        from.on("end", () => !isCut && to.end());
        from.on("close", () => !isCut && to.destroy());
      };
      forward(client, target);
      forward(target, client);
      client.resume();
      return;
    }
    client.destroy();
  };

  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    if (isCut) hold(client);
    else void pass(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    partition: () => {
      isCut = true;
    },
    heal: () => {
      for (const socket of sockets) socket.destroy();
      isCut = false;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function reach(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(null));
  });
}
