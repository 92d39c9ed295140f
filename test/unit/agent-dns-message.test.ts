import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agentModules } from '../support/agent-modules.ts';

interface Message {
  code: string;
  answers: { name: string; type: string; ttl: number; data: string }[];
}

const u16 = (...values: number[]): Buffer =>
  Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
const u32 = (...values: number[]): Buffer =>
  Buffer.concat(values.map((value) => u16(value >>> 16, value & 65_535)));
const label = (text: string): Buffer => Buffer.from(`${String.fromCharCode(text.length)}${text}`, 'latin1');
const name = (text: string): Buffer => Buffer.concat([...text.split('.').map(label), Buffer.from([0])]);
/** To the question's name. */
const pointer = u16(0xc00c);

const header = (answers: number, flags = 0x8180, questions = 1): Buffer =>
  u16(7, flags, questions, answers, 0, 0);
const question = Buffer.concat([name('www.example.com'), u16(1, 1)]);
const record = (owner: Buffer, type: number, data: Buffer, size = data.length): Buffer =>
  Buffer.concat([owner, u16(type, 1), u32(300), u16(size), data]);
const message = (...records: Buffer[]): Buffer =>
  Buffer.concat([header(records.length), question, ...records]);

for (const module of await agentModules('dns-message')) {
  const test = suite(`DNS messages on ucode ${module.release}`);
  const decodeAll = (bytes: readonly Buffer[]): (Message | null)[] =>
    module.each(
      'decodeDns',
      bytes.map((each) => [each.toString('base64')])
    ) as (Message | null)[];
  const decode = (bytes: Buffer): Message | null => decodeAll([bytes])[0] ?? null;
  const data = (type: number, bytes: Buffer): string | undefined =>
    decode(message(record(pointer, type, bytes)))?.answers[0]?.data;

  test('addresses, with the name that a pointer stands for', () => {
    const v6 = Buffer.from('fd7a115ca1e000000000000000000053', 'hex');
    assert.equal(
      decode(message(record(pointer, 1, Buffer.from([100, 64, 0, 255])), record(pointer, 28, v6))),
      {
        code: 'NOERROR',
        answers: [
          { name: 'www.example.com', type: 'A', ttl: 300, data: '100.64.0.255' },
          { name: 'www.example.com', type: 'AAAA', ttl: 300, data: 'fd7a:115c:a1e0::53' }
        ]
      }
    );
  });

  test('each type as in a zone file', () => {
    const example = u16(0xc010);
    assert.is(data(5, name('a.b')), 'a.b');
    assert.is(data(12, Buffer.concat([label('host'), example])), 'host.example.com');
    assert.is(data(2, Buffer.from([0])), '.');
    assert.is(data(15, Buffer.concat([u16(10), label('mx'), example])), '10 mx.example.com');
    assert.is(data(33, Buffer.concat([u16(1, 2, 443), name('s')])), '1 2 443 s');
    assert.is(
      data(6, Buffer.concat([name('ns'), example, u32(4_294_967_295, 1, 2, 3, 4)])),
      'ns example.com 4294967295 1 2 3 4'
    );
    assert.is(
      data(16, Buffer.concat([label('v=1 "x"'), label('é\n\u0000')])),
      '"v=1 \\034x\\034" "\\233\\010\\000"'
    );
    assert.equal(decode(message(record(pointer, 65, Buffer.from([1, 0, 255]))))?.answers[0], {
      name: 'www.example.com',
      type: 'TYPE65',
      ttl: 300,
      data: '0100ff'
    });
  });

  test('the code of an answer without records', () => {
    const codes = [0, 1, 2, 3, 4, 5, 9].map((code) => Buffer.concat([header(0, 0x8180 | code), question]));
    assert.equal(
      decodeAll(codes).map((each) => each?.code),
      ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', '9']
    );
  });

  test('a name is plain text, whatever its bytes', () => {
    const owner = Buffer.concat([label('a.b"\\ é\n\u0000'), Buffer.from([0])]);
    assert.is(
      decode(message(record(owner, 1, Buffer.alloc(4))))?.answers[0]?.name,
      'a\\046b\\034\\092\\032\\233\\010\\000'
    );
  });

  test('names that never end are no names', () => {
    const base = header(1).length + question.length;
    const owners = [
      u16(0xc000 + base),
      Buffer.concat([label('a'), u16(0xc000 + base)]),
      u16(0xc000 + base + 2),
      u16(0xffff),
      Buffer.concat([...Array.from({ length: 130 }, () => label('a')), Buffer.from([0])]),
      Buffer.concat([...Array.from({ length: 5 }, () => label('x'.repeat(63))), Buffer.from([0])]),
      Buffer.concat([Buffer.from([0x40]), Buffer.alloc(64, 'a'), Buffer.from([0])]),
      Buffer.concat([Buffer.from([0x80]), Buffer.alloc(128, 'a'), Buffer.from([0])])
    ];
    const bad = owners.map((owner) => message(record(owner, 1, Buffer.alloc(4))));
    assert.equal(
      decodeAll(bad),
      bad.map(() => null)
    );
  });

  test('each cut of a good message is refused, and so are wrong lengths', () => {
    const good = message(record(pointer, 15, Buffer.concat([u16(10), name('mx')])));
    const cuts = Array.from({ length: good.length }, (_, i) => good.subarray(0, i));
    assert.equal(
      decodeAll(cuts),
      cuts.map(() => null)
    );
    const wrong = [
      message(record(pointer, 1, Buffer.alloc(5))),
      message(record(pointer, 28, Buffer.alloc(15))),
      message(record(pointer, 15, Buffer.concat([u16(10), name('mx'), u16(0)]))),
      message(record(pointer, 16, Buffer.from([9, 65]))),
      message(record(pointer, 65, Buffer.alloc(4), 60_000)),
      Buffer.concat([header(0, 0x0100), question]),
      Buffer.concat([header(0, 0x8180, 500), question])
    ];
    assert.equal(
      decodeAll(wrong),
      wrong.map(() => null)
    );
  });

  test('what is no Base64 is refused', () => {
    assert.equal(
      module.each('decodeDns', [[''], ['*'], ['AAA'], ['AA==\n'], [null], [5]]),
      Array(6).fill(null)
    );
  });

  test('a flood is cut off, and noise does no harm', () => {
    const flood = message(...Array.from({ length: 3000 }, () => record(pointer, 1, Buffer.alloc(4))));
    assert.is(decode(flood)?.answers.length, 64);
    assert.is(data(65, Buffer.alloc(60_000))?.length, 1024);
    // Always the same noise.
    let seed = 1;
    const noise = Array.from({ length: 500 }, () =>
      Buffer.concat([
        header(60),
        Buffer.from(Array.from({ length: 200 }, () => (seed = (seed * 48_271) % 2_147_483_647) & 255))
      ])
    );
    assert.is(decodeAll(noise).length, 500);
  });

  test.run();
}
