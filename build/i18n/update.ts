import { readFile } from 'node:fs/promises';
import { repository } from '../package.ts';
import { checkPo } from './check.ts';
import { extractMessages } from './extract.ts';
import { readLanguages, template } from './languages.ts';
import { parsePo } from './po.ts';
import { renderTemplate, renewPo, writeIfOther } from './renew.ts';

/** `npm run i18n`: brings the template and all translations into line with the texts that there are. */

const messages = await extractMessages();
await writeIfOther(template, renderTemplate(messages));
for (const { code, po } of await readLanguages()) {
  const renewed = renewPo(po, await readFile(new URL(po, repository), 'utf8'), messages);
  await writeIfOther(po, renewed);
  const { translated, problems } = checkPo(po, parsePo(po, renewed), messages);
  console.log(`${code}: ${translated} of ${messages.length} translated`);
  for (const problem of problems) console.log(problem);
}
