/** Whether a server answers, and what it says: by the router's own downloader, never waited for. */

import { runProgram } from './programs.ts';
import { option } from './settings.ts';

/** uclient-fetch's exit code for a connection that did not come about. */
const NO_CONNECTION = 4;

function fetch(options: readonly string[], url: string, done: (code: number, text: string) => void): void {
  let authority = option('ca_file');
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
  return `${option('source') || 'https://pkgs.tailscale.com'}/${option('track') || 'stable'}/`;
}

export { probe, read, trackUrl };
