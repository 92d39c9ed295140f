// Compresses standard input. A program of its own, because the library takes over what becomes of a process's errors;
// plain JavaScript, because that starts at once.
import { readFileSync } from 'node:fs';
import { gzipAsync } from '@gfx/zopfli';

process.stdout.write(await gzipAsync(readFileSync(0), { numiterations: 200 }));
