import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** An NTP server (RFC 5905) that may live in another time than this machine. */
export class TimeServer {
  /** How much later than here it is there, in seconds. */
  ahead = 0;
  /** It answers nobody. */
  isSilent = false;
  readonly #socket: Socket;

  static async start(address: string): Promise<TimeServer> {
    const socket = createSocket('udp4');
    socket.bind(123, address);
    await once(socket, 'listening');
    return new TimeServer(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (question, { address, port }) => {
      if (!this.isSilent) socket.send(this.#answer(question), port, address);
    });
  }

  close(): void {
    this.#socket.close();
  }

  #answer(question: Buffer): Buffer {
    const now = Date.now() / 1000 + this.ahead;
    const answer = Buffer.alloc(48);
    // Version 4, a server, of stratum 2, exact to a microsecond.
    answer.writeUInt32BE(0x24020aec, 0);
    answer.writeUInt32BE(0x7f000001, 12);
    writeTimestamp(answer, now, 16);
    question.copy(answer, 24, 40, 48);
    writeTimestamp(answer, now, 32);
    writeTimestamp(answer, now, 40);
    return answer;
  }
}

/** In seconds since 1970, which NTP counts from 1900. */
function writeTimestamp(buffer: Buffer, seconds: number, offset: number): void {
  const whole = Math.floor(seconds);
  buffer.writeUInt32BE((whole + 2_208_988_800) % 2 ** 32, offset);
  buffer.writeUInt32BE(Math.floor((seconds - whole) * 2 ** 32), offset + 4);
}
