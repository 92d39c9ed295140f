import type { BrowserContext, Route } from 'playwright-core';
import { fromBytes, toBytes } from '../host/bytes.ts';
import { cannedBus, type Answers } from './canned.ts';

/**
 * Lets an agent of such answers (`canned.ts`) stand in for the real one, in this browser profile alone: in LuCI on a
 * router, too. Our pages send each call alone; what LuCI itself asks goes to the router.
 */
export async function answerIn(context: BrowserContext, answers: Answers): Promise<void> {
  const bus = cannedBus(answers);
  await context.route(/\/ubus\//, async (route: Route) => {
    const call = read(route.request().postData());
    if (call === null || Array.isArray(call) || call.params?.[1] !== 'tailscale-ram') return route.continue();
    const [, object, method, args] = call.params;
    const { status, data } = await bus.invoke(object, method, toBytes(JSON.stringify(args)));
    // As uhttpd does, which leaves out what is empty.
    const reply = data === null || data === '{}' ? [] : [JSON.parse(fromBytes(data)) as unknown];
    return route.fulfill({ json: { jsonrpc: '2.0', id: call.id, result: [status, ...reply] } });
  });
}

interface Call {
  id: number;
  /** Missing where LuCI asks what there is. */
  params?: [session: string, object: string, method: string, args: object];
}

function read(text: string | null): Call | Call[] | null {
  return text === null ? null : (JSON.parse(text) as Call | Call[]);
}
