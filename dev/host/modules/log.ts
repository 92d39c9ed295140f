import { sprintf } from '../sprintf.ts';
import { text, typeName } from '../values.ts';

/** ucode's `log`. What it logs goes to `write`, a line a message: the priority, a colon, the text. */
export function makeLog(write: (line: string) => void): object {
  const log = (priority: unknown, format: unknown, ...values: unknown[]): boolean => {
    const name = typeof priority === 'number' ? priorities[priority] : priority;
    if (typeof name !== 'string' || !priorities.includes(name)) return false;
    write(`${name}: ${typeof format === 'string' ? sprintf(format, values) : text(format)}\n`);
    return true;
  };
  const as =
    (priority: string) =>
    (format: unknown, ...values: unknown[]): boolean =>
      log(priority, format, ...values);
  return {
    openlog: (name?: unknown) => typeName(name) === null || typeof name === 'string',
    syslog: log,
    closelog: () => null,
    ulog_open: () => true,
    ulog: log,
    ulog_threshold: () => true,
    ulog_close: () => null,
    INFO: as('info'),
    NOTE: as('notice'),
    WARN: as('warning'),
    ERR: as('err'),
    ...Object.fromEntries(priorities.map((name, i) => [`LOG_${name.toUpperCase()}`, i])),
    LOG_DAEMON: 24,
    LOG_USER: 8,
    LOG_PID: 1
  };
}

const priorities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
