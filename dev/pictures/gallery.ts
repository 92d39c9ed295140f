/** An HTML page with the pictures `NAME-LOOK.png` beside it, a row for each name. */
export function gallery(names: readonly string[], looks: readonly string[]): string {
  const rows = names.map((name) => {
    const images = looks.map((look) => `<img src="${name}-${look}.png" alt="${name}, ${look}">`);
    return `<h2>${name}</h2>\n<div>${images.join('\n')}</div>\n`;
  });
  const style = 'div{display:flex;gap:1em;align-items:start}img{max-width:40%;border:1px solid #888}';
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>The pages</title>
<style>${style}</style>
${rows.join('')}</html>
`;
}
