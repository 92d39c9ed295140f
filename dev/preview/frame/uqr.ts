import { renderSVG } from 'uqr';

/** LuCI has a library of its own for it, with this one function. */
export const uqr = { renderSVG };
