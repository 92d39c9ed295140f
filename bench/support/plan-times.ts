import { readNetworkCases } from '../../test/support/network-cases.ts';
import { runtimesOf } from '../../test/support/vectors.ts';

/** How long a plan takes each time, on an OpenWrt's own ucode. */
interface PlanTimes {
  release: string;
  milliseconds: number[];
}

/** For 1,000 peers and 100 routes of theirs, on networks that both could collide with; each of 50 times. */
export async function planTimes(): Promise<PlanTimes[]> {
  const { plain } = await readNetworkCases();
  const numbers = Array.from({ length: 1000 }, (_, index) => index);
  const situation = {
    ...plain,
    interfaces: [
      {
        name: 'lan',
        device: 'br-lan',
        addresses: ['192.168.1.1/24', '100.80.0.1/24', 'fd12:3456:789a::1/60']
      },
      { name: 'wan', device: 'eth1', addresses: ['100.72.0.9/16'] },
      { name: 'wan6', device: 'eth1', addresses: ['2001:db8:7::2/64'] }
    ],
    peers: numbers.map((n) => ({
      address: `100.${64 + (n & 63)}.${n >> 6}.${n & 255}`,
      name: `device-${n}`
    })),
    routes: numbers.slice(0, 100).map((n) => ({ prefix: `192.168.${n}.0/24`, by: `device-${n}` }))
  };
  const runtimes = await runtimesOf('src/agent/network/plan.ts', timing);
  return runtimes
    .filter(({ name }) => name !== 'Node')
    .map((runtime) => ({
      release: runtime.name.replace('ucode ', ''),
      milliseconds: runtime.call('timePlans', situation, 50) as number[]
    }));
}

const timing = `
function timePlans(situation, times) {
  let now = () => {
    let at = clock(true);
    return at[0] * 1000.0 + at[1] / 1000000.0;
  };
  let took = [];
  for (let i = 0; i < times; i++) {
    let began = now();
    module.makePlan(situation);
    push(took, now() - began);
  }
  return took;
}
`;
