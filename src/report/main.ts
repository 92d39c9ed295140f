/**
 * What takes time and memory, as a program of its own, which prints JSON: `report FILE` the report in a file without the
 * names in it, `report dns BASE64` what an answer of a name server's says.
 */

import { readfile } from 'fs';
import { decodeDns } from '../agent/dns-message.ts';
import { hideNames } from './pseudonyms.ts';

if (ARGV[0] == 'dns') {
  printf('%J', decodeDns(ARGV[1] as string));
} else {
  let task = json(readfile(ARGV[0] as string) as string) as Parameters<typeof hideNames>;
  printf('%J', hideNames(task[0], task[1], task[2]));
}
