import { fromBytes, toBytes } from '../host/bytes.ts';
import { Bus, status } from '../host/system/bus.ts';

/** What a method of the agent answers: the same each time, or what this function returns for its arguments. */
export type Answer = object | Say;

type Say = (args: Record<string, unknown>) => unknown;

/** By method; one that is missing is not found, and a number is a status of ubus. */
export type Answers = Readonly<Record<string, Answer>>;

/**
 * A bus whose agent says what it is told: for what is hard to reach with a real one, a thousand devices or hostile
 * names. `answers` may be changed while it is in use; hand the bus to `startPreview`.
 */
export function cannedBus(answers: Answers): Bus {
  const bus = new Bus();
  bus.publish('tailscale-ram', {
    signature: {},
    invoke: async (method, data) => {
      const args = JSON.parse(fromBytes(data)) as Record<string, unknown>;
      delete args['ubus_rpc_session'];
      const answer = answers[method];
      if (answer === undefined) return { status: status.methodNotFound, data: null };
      const reply: unknown = typeof answer === 'function' ? await (answer as Say)(args) : answer;
      if (typeof reply === 'number') return { status: reply, data: null };
      return { status: status.ok, data: toBytes(JSON.stringify(reply ?? {})) };
    }
  });
  return bus;
}
