export { pageUrl } from '../../../dev/preview/pages.ts';
