import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';

/**
 * How a program's thread asks the main thread for what Node does with callbacks, and waits for the answer: ucode's
 * functions return when they are done.
 */

/** What the asking thread gets; it goes into `workerData`. */
export interface LinkEnd {
  port: MessagePort;
  /** 1 as soon as the answer is there. */
  answered: Int32Array;
}

type Answer = { value: unknown } | { error: unknown };
type Handlers = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Answers what the other thread asks. A handler may return a promise. */
export function answerAsks(handlers: Handlers): LinkEnd {
  const { port1, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const answer = (reply: Answer): void => {
    port1.postMessage(reply);
    Atomics.store(answered, 0, 1);
    Atomics.notify(answered, 0);
  };
  port1.on('message', ([name, args]: [string, never[]]) => {
    const handler = handlers[name];
    Promise.resolve()
      .then(() => handler?.(...args))
      .then(
        (value) => {
          answer({ value });
        },
        (error: unknown) => {
          answer({ error });
        }
      );
  });
  // What keeps the process alive is the thread.
  port1.unref();
  return { port: port2, answered };
}

/** The way to call what `T` has in the other thread, by name. */
export type Ask<T> = <K extends keyof T & string>(
  name: K,
  ...args: T[K] extends (...args: infer A) => unknown ? A : never
) => T[K] extends (...args: never[]) => infer R ? Awaited<R> : never;

export function makeAsk<T>({ port, answered }: LinkEnd): Ask<T> {
  return (name, ...args) => {
    Atomics.store(answered, 0, 0);
    port.postMessage([name, args]);
    Atomics.wait(answered, 0, 0);
    // On a busy machine, the message has been seen to come later than the number.
    let received = receiveMessageOnPort(port);
    while (!received) {
      Atomics.wait(answered, 0, 1, 1);
      received = receiveMessageOnPort(port);
    }
    const reply = received.message as Answer;
    if ('error' in reply) throw reply.error;
    // As the other side's types say.
    return reply.value as never;
  };
}
