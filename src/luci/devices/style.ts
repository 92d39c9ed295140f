/** A device takes two lines or three where there is little room, and stands in columns where there is more. */
export const css =
  '.tsr{container-type:inline-size;margin:1em 0;padding:0}' +
  '.tsr>li{display:block;border-top:1px solid #8884;color:inherit}' +
  '.tsr p{display:flex;flex-wrap:wrap;gap:.2em 1em;align-items:center;padding:.5em;cursor:pointer}' +
  '.tsr p button{all:unset;outline:revert;font-weight:bold}' +
  '.tsr li p *,.tsr dd{overflow:hidden;unicode-bidi:isolate}' +
  '.tsr p>span{display:contents}' +
  '.tsr li>div{margin:0 1.5em 1em}' +
  '.tsr dl{display:grid;grid-template-columns:9em 1fr;gap:0 1em}' +
  '.tsr p,.tsr dl,.tsr dd{margin:0}' +
  '@container(min-width:48em){.tsr p{display:grid;grid-template-columns:4fr 3fr 2fr 7fr 4fr 4fr}}';
