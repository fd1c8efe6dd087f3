import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Globals of Node that the plain JavaScript files use; TypeScript knows them by itself. */
const node = Object.fromEntries(
  [
    ...['AbortController', 'AbortSignal', 'Buffer', 'TextDecoder', 'TextEncoder', 'URL', 'URLSearchParams', 'console'],
    ...['clearInterval', 'clearTimeout', 'fetch', 'performance', 'process', 'queueMicrotask', 'setImmediate'],
    ...['setInterval', 'setTimeout', 'structuredClone'],
  ].map((name) => [name, 'readonly']),
);

/** Those of browsers, for the sample's page. */
const browser = Object.fromEntries(
  [
    ...['CustomEvent', 'EventSource', 'EventTarget', 'HTMLElement', 'HTMLInputElement', 'addEventListener', 'crypto'],
    ...['document', 'setTimeout', 'clearTimeout', 'fetch', 'structuredClone'],
  ].map((name) => [name, 'readonly']),
);

export default defineConfig(
  globalIgnores(['dist/', '**/build/', 'coverage/', 'docs/api/', '.cache/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: node },
  },
  {
    // Served to browsers as it stands.
    files: ['sample/page/public/*.js'],
    languageOptions: { globals: browser },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: node },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A decorated property needs its annotation: without one TypeScript reflects Object, not String.
      '@typescript-eslint/no-inferrable-types': ['error', { ignoreProperties: true }],
      // A promise nobody waits for is a write nobody hears about. (Recommended; named since laws rest on it.)
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      // Leaves files with decorators alone, where a type import would remove the class from `design:type`.
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': ['error', { fixMixedExportsWithInlineTypeSpecifier: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // `_` marks a parameter that a signature demands.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // With noUncheckedIndexedAccess, an index known to be good needs `!`; a cast would also change the type.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Types of BSON elements are read from bytes, and are numbers until compared.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // A getter that answers a literal costs no slot in each instance.
      '@typescript-eslint/class-literal-property-style': 'off',
      // Nest's modules are classes without members.
      '@typescript-eslint/no-extraneous-class': 'off',
      // A number or a boolean in a message reads as it should; an object does not, and stays an error.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // An interface's method may be async by contract and have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // `a || b` is right for "empty or missing"; the rule's `??` would change what happens to ''.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true, boolean: true } }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['lib/**/*.ts'],
    rules: {
      // Files that fit on a screen or two: a longer one has two nouns.
      'max-lines': ['warn', { max: 300, skipBlankLines: false, skipComments: false }],
      // A library logs through Nest's Logger.
      'no-console': 'error',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Tests look into JSON bodies and break types on purpose.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      // `expect(object.method)` is how a matcher is given a spy.
      '@typescript-eslint/unbound-method': 'off',
      // Classes of fixtures have empty methods.
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  prettier,
);
