/** Whether a server answers, and what it says: by the router's own downloader, never waited for. */

import { cursor } from 'uci';
import { runProgram } from './programs.ts';
import { cut } from './text.ts';

/** uclient-fetch's exit code for a connection that did not come about. */
const NO_CONNECTION = 4;

function fetch(options: readonly string[], url: string, done: (code: number, text: string) => void): void {
  let authority = cut(cursor()?.get('tailscale-ram', 'main', 'ca_file'), 255);
  let trust = authority == '' ? [] : [`--ca-certificate=${authority}`];
  runProgram(['/bin/uclient-fetch', '-q', '-T', '20', ...trust, ...options, url], done);
}

/** Also a server that refuses, or that is not trusted, is one that can be reached. */
function probe(url: string, done: (reachable: boolean) => void): void {
  fetch(['-s'], url, (code) => {
    done(code != NO_CONNECTION && code != 127);
  });
}

/** The text at a URL; null if there is none. */
function read(url: string, done: (text: string | null) => void): void {
  fetch(['-O', '-'], url, (code, text) => {
    done(code == 0 ? text : null);
  });
}

/** The first download server, with the release track. */
function trackUrl(): string {
  let config = cursor();
  let source = config?.get('tailscale-ram', 'main', 'source');
  let first = type(source) == 'array' ? (source as string[])[0] : source;
  let track = cut(config?.get('tailscale-ram', 'main', 'track'), 32) || 'stable';
  return `${cut(first, 255) || 'https://pkgs.tailscale.com'}/${track}/`;
}

export { probe, read, trackUrl };
