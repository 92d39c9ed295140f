import { luciPlugin } from './luci-plugin.js';

/** ESLint's rules for LuCI's pages: nothing of what others say becomes HTML or code. */
export const luciRules = {
  plugins: { luci: luciPlugin },
  rules: {
    'luci/no-html': 'error',
    'no-eval': 'error',
    'no-implied-eval': 'error',
    'no-new-func': 'error',
    'no-script-url': 'error',
    // A module's directives, which LuCI's loader reads.
    '@typescript-eslint/no-unused-expressions': ['error', { ignoreDirectives: true }]
  }
};
