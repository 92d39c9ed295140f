/** Whether things are waited for as long as a user's router may have to: `npm run soak`. */
export const isSoak = process.env['TSR_SOAK'] === '1';
