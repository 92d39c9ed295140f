/** What pages do again and again. */

interface Task {
  run: () => unknown;
  /** Seconds. */
  interval: number;
  pending: boolean;
}

const tasks: Task[] = [];
let ticks = 0;
let timer: number | undefined;
/** Once the page is there. */
let begun = false;

/** The module, as pages get it. One that is not done yet is not run again; what fails goes on. */
export const poll = {
  add(run: () => unknown, interval = 5): boolean {
    if (tasks.some((task) => task.run === run)) return false;
    tasks.push({ run, interval: interval > 0 ? interval : 5, pending: false });
    if (begun && !poll.active()) poll.start();
    return true;
  },
  remove(run: () => unknown): boolean {
    const at = tasks.findIndex((task) => task.run === run);
    if (at < 0) return false;
    tasks.splice(at, 1);
    if (tasks.length === 0) poll.stop();
    return true;
  },
  start(): boolean {
    begun = true;
    if (poll.active()) return false;
    ticks = 0;
    if (tasks.length > 0) {
      timer = window.setInterval(step, 1000);
      step();
      document.dispatchEvent(new CustomEvent('poll-start'));
    }
    return true;
  },
  stop(): boolean {
    if (!poll.active()) return false;
    document.dispatchEvent(new CustomEvent('poll-stop'));
    window.clearInterval(timer);
    timer = undefined;
    return true;
  },
  active: (): boolean => timer !== undefined
};

function step(): void {
  for (const task of [...tasks]) {
    if (task.pending || ticks % task.interval !== 0) continue;
    task.pending = true;
    void Promise.resolve(task.run()).finally(() => {
      task.pending = false;
    });
  }
  ticks++;
}
