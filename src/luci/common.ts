'use strict';
'require baseclass';
'require dom';
'require poll';
'require rpc';
'require ui';

/** What the pages share, loaded once: each takes what it needs from the global `common`. */

export { ask, callUbus, mayChange, pause, Refusal, work } from './common/agent.ts';
export { askFor, button, copyable, folded, lookButton, row, tell, tellFailure } from './common/controls.ts';
export { el, redraw, say, sayPlain, svg, type Child } from './common/elements.ts';
export { follow, lookAgain } from './common/follow.ts';
export { change } from './common/keep.ts';
export { explain, link, remedyLabel } from './common/problems.ts';
export { explainFailure, explainRefusal } from './common/refusals.ts';
export { bytes, duration, exactly, milliseconds, number, when } from './common/units.ts';
