/** What the pages share. */

export { ask, callUbus, mayChange, otherClock, pause, refusal, work } from './common/agent.ts';
export {
  askFor,
  button,
  checkbox,
  copyable,
  copyFrom,
  folded,
  input,
  lookButton,
  row,
  select,
  tell,
  tellFailure
} from './common/controls.ts';
export { el, fill, redraw, say, svg, type Child, type Text } from './common/elements.ts';
export { follow, lookAgain, type Section } from './common/follow.ts';
export { change } from './common/keep.ts';
export { followNetwork } from './common/network.ts';
export { explain, link, remedyLabel, statusLink } from './common/problems.ts';
export { explainFailure, explainRefusal } from './common/refusals.ts';
export { bytes, duration, milliseconds, number, when } from './common/units.ts';
