/**
 * The system's log. What is no text is written as JSON; text is a format for the values after it, as of
 * `sprintf()`. All return false for a wrong argument.
 */
declare module 'log' {
  export type Priority = 'emerg' | 'alert' | 'crit' | 'err' | 'warning' | 'notice' | 'info' | 'debug';
  export type Facility =
    | 'auth'
    | 'authpriv'
    | 'cron'
    | 'daemon'
    | 'ftp'
    | 'kern'
    | 'lpr'
    | 'mail'
    | 'news'
    | 'syslog'
    | 'user'
    | 'uucp'
    | 'local0'
    | 'local1'
    | 'local2'
    | 'local3'
    | 'local4'
    | 'local5'
    | 'local6'
    | 'local7';
  export type Option = 'cons' | 'ndelay' | 'nowait' | 'odelay' | 'pid';
  export type Channel = 'kmsg' | 'syslog' | 'stdio';

  /** Names the program (the process's name) and the facility (`user`) for `syslog()`. */
  export function openlog(
    name?: string | null,
    /** A list of names is refused, on 24.10 and 25.12 alike: join LOG_* by `|`. */
    options?: number | Option | null,
    facility?: number | Facility
  ): boolean;
  export function syslog(priority: number | Priority, format: unknown, ...values: unknown[]): boolean;
  export function closelog(): null;

  /** libubox's log: to the kernel's, the system's, or stderr. */
  export function ulog_open(
    /** A list of names is refused here too: join ULOG_* by `|`. */
    channels?: number | Channel | null,
    facility?: number | Facility | null,
    name?: string
  ): boolean;
  export function ulog(priority: number | Priority, format: unknown, ...values: unknown[]): boolean;
  /** Drops what is less urgent. */
  export function ulog_threshold(priority?: number | Priority): boolean;
  export function ulog_close(): null;

  /** `ulog()` with the priority `info`. */
  export function INFO(format: unknown, ...values: unknown[]): boolean;
  /** `notice`. */
  export function NOTE(format: unknown, ...values: unknown[]): boolean;
  /** `warning`. */
  export function WARN(format: unknown, ...values: unknown[]): boolean;
  /** `err`. */
  export function ERR(format: unknown, ...values: unknown[]): boolean;

  // Priorities, the most urgent first.
  export const LOG_EMERG: number;
  export const LOG_ALERT: number;
  export const LOG_CRIT: number;
  export const LOG_ERR: number;
  export const LOG_WARNING: number;
  export const LOG_NOTICE: number;
  export const LOG_INFO: number;
  export const LOG_DEBUG: number;
  // Facilities.
  export const LOG_KERN: number;
  export const LOG_USER: number;
  export const LOG_MAIL: number;
  export const LOG_DAEMON: number;
  export const LOG_AUTH: number;
  export const LOG_SYSLOG: number;
  export const LOG_LPR: number;
  export const LOG_NEWS: number;
  export const LOG_UUCP: number;
  export const LOG_CRON: number;
  export const LOG_AUTHPRIV: number;
  export const LOG_FTP: number;
  export const LOG_LOCAL0: number;
  export const LOG_LOCAL1: number;
  export const LOG_LOCAL2: number;
  export const LOG_LOCAL3: number;
  export const LOG_LOCAL4: number;
  export const LOG_LOCAL5: number;
  export const LOG_LOCAL6: number;
  export const LOG_LOCAL7: number;
  // Options, to be joined by `|`.
  export const LOG_PID: number;
  export const LOG_CONS: number;
  export const LOG_ODELAY: number;
  export const LOG_NDELAY: number;
  export const LOG_NOWAIT: number;

  // Channels, to be joined by `|`.
  export const ULOG_KMSG: number;
  export const ULOG_SYSLOG: number;
  export const ULOG_STDIO: number;
}
