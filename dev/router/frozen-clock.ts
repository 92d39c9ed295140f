/**
 * A command that starts another one which can set no clock: it is told that it did, and nothing happens. ntpd
 * then works as on a router and runs its hotplug scripts, which it would not without CAP_SYS_TIME.
 */
export function withFrozenClock(argv: readonly string[]): string[] {
  const { audit, prctl, setters } = machine();
  const filter = [
    statement(load, offsetOfArch),
    // System calls of another architecture, such as 32-bit ones, have other numbers: none of them works.
    jump(equal, audit, 0, setters.length + 3),
    statement(load, 0),
    ...setters.map((call, index) => jump(equal, call, setters.length - index + 2, 0)),
    // So have those of x32.
    jump(greaterOrEqual, x32, 1, 0),
    statement(give, allow),
    statement(give, refuse | notImplemented),
    statement(give, refuse | 0)
  ];
  return ['perl', '-e', perl, Buffer.concat(filter).toString('hex'), `${prctl}`, ...argv];
}

/** Installs a filter, given in hex, by prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, …). */
const perl = `
my $filter = pack("H*", shift);
my $program = pack("S x6 P", length($filter) / 8, $filter);
my $prctl = shift;
syscall($prctl + 0, 22, 2, $program, 0, 0) == 0 or die "seccomp: $!\\n";
exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!\\n";
`;

/** Numbers of settimeofday, clock_settime, adjtimex and clock_adjtime, and what the kernel calls this machine. */
function machine() {
  if (process.arch === 'x64') return { audit: 0xc000003e, prctl: 157, setters: [164, 227, 159, 305] };
  if (process.arch === 'arm64') return { audit: 0xc00000b7, prctl: 167, setters: [170, 112, 171, 266] };
  throw new Error(`OpenWrt cannot be booted on ${process.arch} machines`);
}

// linux/filter.h and linux/seccomp.h
const load = 0x20;
const equal = 0x15;
const greaterOrEqual = 0x35;
const give = 0x06;
const offsetOfArch = 4;
const allow = 0x7fff0000;
const refuse = 0x00050000;
const notImplemented = 38;
const x32 = 0x40000000;

function statement(code: number, value: number): Buffer {
  return jump(code, value, 0, 0);
}

function jump(code: number, value: number, whenTrue: number, whenFalse: number): Buffer {
  const instruction = Buffer.alloc(8);
  instruction.writeUInt16LE(code, 0);
  instruction.writeUInt8(whenTrue, 2);
  instruction.writeUInt8(whenFalse, 3);
  instruction.writeUInt32LE(value, 4);
  return instruction;
}
