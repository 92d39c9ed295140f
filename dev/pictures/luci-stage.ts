import { answerIn } from '../preview/answer-in.ts';
import { pageUrl } from '../preview/pages.ts';
import { chooseRootfs } from '../router/choose-rootfs.ts';
import { Desk } from '../router/desk.ts';
import { leadToLuci, openDoor } from '../router/luci-door.ts';
import type { Stage } from './stage.ts';

/**
 * The pages in LuCI on a router with the package; what they ask its agent is answered here. To be called in
 * namespaces of one's own. Throws one line if there is no root file system to boot.
 */
export async function openLuciStage(): Promise<Stage> {
  const { rootfs, note } = await chooseRootfs();
  if (!rootfs) throw new Error(note);
  const desk = await Desk.open();
  const router = await desk.addRouter(rootfs);
  await router.powerOn();
  await router.succeed(['passwd', 'root'], { input: `${password}\n${password}\n` });
  await desk.install(router);
  const door = await openDoor();
  const address = (await leadToLuci(door, router)).slice(0, -1);
  return {
    async show(_name, { answers, page, readonly }, context) {
      // That would be another login's.
      if (readonly) return undefined;
      const form = { luci_username: 'root', luci_password: password };
      await context.request.post(`${address}/cgi-bin/luci/`, { form, maxRedirects: 0 });
      await answerIn(context, answers);
      return address + pageUrl(page);
    },
    async close() {
      door.close();
      await router.remove();
      await desk.close();
    }
  };
}

const password = 'pictures';
