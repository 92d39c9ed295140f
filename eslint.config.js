import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { luciRules } from './dev/eslint/luci.js';
import { ucodeRules } from './dev/eslint/ucode.js';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }]
    }
  },
  {
    files: ['src/{agent,command,report}/**/*.ts', 'types/ucode/**/*.ts', 'test/fixtures/ucode/**/*.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.ucode.json' } }
  },
  {
    files: ['dev/preview/frame/*.ts'],
    languageOptions: { parserOptions: { project: './dev/preview/frame/tsconfig.json' } }
  },
  {
    files: ['src/luci/**/*.ts', 'types/luci/*.d.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.luci.json' } }
  },
  {
    files: ['src/luci/**/*.ts'],
    ...luciRules
  },
  {
    // LuCI wants a class of each page.
    files: ['src/luci/*.ts'],
    rules: { 'no-restricted-exports': 'off' }
  },
  { files: ['src/{agent,command,report,shared}/**/*.ts', 'test/fixtures/ucode/**/*.ts'], ...ucodeRules },
  {
    // They say what is there, whatever one thinks of it.
    files: ['types/ucode/*.d.ts'],
    rules: {
      '@typescript-eslint/no-empty-object-type': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/triple-slash-reference': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      'no-shadow-restricted-names': 'off'
    }
  },
  {
    // They hold what is refused, too.
    files: ['types/ucode/test/*.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/ban-ts-comment': 'off' }
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } }
  }
);
