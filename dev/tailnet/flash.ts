import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { run, succeed } from './command.ts';

/**
 * A small disk with a file system of its own (ext4 on a loop device), mounted at `path`, which remembers after a
 * power cut only what had really been written to it.
 */
export class Flash {
  readonly path: string;
  readonly #image: string;

  /** Makes both `path` and the image beside it. */
  static async make(path: string): Promise<Flash> {
    const flash = new Flash(path);
    await mkdir(path);
    await succeed(['busybox', 'dd', 'if=/dev/null', `of=${flash.#image}`, 'bs=1048576', 'seek=16']);
    await succeed(['mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=0', flash.#image]);
    await flash.#mount();
    return flash;
  }

  private constructor(path: string) {
    this.path = path;
    this.#image = `${path}.img`;
  }

  /** What is still only in the kernel's memory is lost. Nobody may be using it. */
  async losePower(): Promise<void> {
    const copy = `${this.#image}.copy`;
    // The kernel may be writing: the copy counts once it equals what was there throughout.
    do await succeed(['cp', '--sparse=always', this.#image, copy]);
    while ((await run(['cmp', '-s', this.#image, copy])).code !== 0);
    await succeed(['umount', this.path]);
    await rename(copy, this.#image);
    await this.#mount();
  }

  /** How many bytes were written to the disk so far, what was still in the kernel's memory included. */
  async bytesWritten(): Promise<number> {
    await succeed(['sync', '-f', this.path]);
    const { dev } = await stat(this.path);
    const name = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
    const sectors = (await readFile(`/sys/dev/block/${name}/stat`, 'utf8')).trim().split(/ +/)[6];
    return Number(sectors) * 512;
  }

  // As OpenWrt mounts its flash: reading writes nothing. And as little careful as UBIFS: what is written over a file,
  // or renamed to it, without a sync, may be lost with it.
  async #mount(): Promise<void> {
    await succeed(['mount', '-o', 'loop,noatime,noauto_da_alloc', this.#image, this.path]);
  }
}
