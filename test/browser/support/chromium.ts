/** In a test's namespaces: it ends with them, however the test ends. */
export { launchChromium, whyNoBrowser } from '../../../dev/preview/chromium.ts';
