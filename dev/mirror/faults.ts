import type { Archive } from './archive.ts';
import type { CertificateKind } from './certificates.ts';
import type { IndexFault } from './release-index.ts';

/** What a request can be for. */
export type FileKind = 'index' | 'archive' | 'sha256' | 'size';

/** The requests that a fault concerns. */
export interface Concerned {
  on: FileKind | 'everything';
}

/** A way in which the mirror misbehaves. Offsets and lengths are in bytes. */
export type Fault = FaultKind & {
  /** It happens so many times and then no more; without it until it is taken away. */
  times?: number;
};

type FaultKind =
  /** The connection is closed before TLS. */
  | { kind: 'close' }
  | { kind: 'certificate'; certificate: CertificateKind }
  | ({ kind: 'status'; status: number } & Concerned)
  | ({ kind: 'redirect-loop' } & Concerned)
  /** A page to log in at, with status 200. */
  | ({ kind: 'captive-portal' } & Concerned)
  | { kind: 'index'; wrong: IndexFault }
  /** For one that is missing, `status` 404. */
  | { kind: 'sha256'; wrong: 'not-hex' | 'of-another-file' | 'empty' }
  /** Another file under the archive's name, its own checksum published beside it. */
  | { kind: 'replaced'; by: Archive }
  /** One bit of the byte at this offset of the archive is wrong. */
  | { kind: 'bit-flip'; at: number }
  /** The connection breaks off at this offset of the archive; concerns the requests whose range has it. */
  | { kind: 'cut'; at: number }
  /** The archive ends properly, but earlier than Content-Length told. */
  | { kind: 'shorter'; by: number }
  /** Garbage follows the archive, and Content-Length counts it. */
  | { kind: 'longer'; by: number }
  /** Nothing comes any more after so many bytes of the answer. */
  | ({ kind: 'stall'; after: number } & Concerned)
  /** After so many bytes of the answer, one byte a second. */
  | ({ kind: 'trickle'; after: number } & Concerned)
  /** The answer begins late. */
  | ({ kind: 'delay'; milliseconds: number } & Concerned)
  | ({ kind: 'rate'; bytesPerSecond: number } & Concerned)
  /** Range is ignored: the whole archive comes with status 200. */
  | { kind: 'no-range' }
  /** A range is answered with the archive's beginning, which `Content-Range` admits or denies. */
  | { kind: 'wrong-range'; wrong: 'admitted' | 'denied' };

/** The faults that are switched on, in the order in which they get their turn. */
export class ActiveFaults {
  private active: { fault: Fault; left: number }[] = [];

  set(faults: readonly Fault[]): void {
    this.active = faults.map((fault) => ({ fault, left: fault.times ?? Infinity }));
  }

  /** The first fault of that kind that concerns this case, if one is left; it has then happened once more. */
  take<Kind extends Fault['kind']>(
    kind: Kind,
    concerns: (fault: Extract<Fault, { kind: Kind }>) => boolean = () => true
  ): Extract<Fault, { kind: Kind }> | undefined {
    const isOfKind = (fault: Fault): fault is Extract<Fault, { kind: Kind }> => fault.kind === kind;
    for (const entry of this.active) {
      if (entry.left > 0 && isOfKind(entry.fault) && concerns(entry.fault)) {
        entry.left--;
        return entry.fault;
      }
    }
    return undefined;
  }
}
