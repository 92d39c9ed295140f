import { OpenWrt } from '../../dev/router/router.ts';
import { takeOverRun } from '../../dev/tailnet/namespaces.ts';

/** `booted.ts ROOTFS DIRECTORY`: boots a router, says `booted`, and stays until it is killed. */

const [tree = '', directory = ''] = process.argv.slice(2);
await takeOverRun();
const router = await OpenWrt.create({ rootfs: { release: 'any', tree }, directory, memoryMegabytes: 128 });
await router.powerOn();
console.log('booted');
setInterval(() => undefined, 1_000_000);
