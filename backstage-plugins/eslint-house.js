/** Backstage's rules for a package of its role, and those of this project on top (eslint.config.js of the root). */
const createConfig = require('@backstage/cli/config/eslint-factory');

const tsRules = {
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-non-null-assertion': 'error',
  // Files read top-down: the public function first, its helpers below (CONTRIBUTING.md).
  '@typescript-eslint/no-use-before-define': ['error', { functions: false, classes: false, variables: false }],
  // A chain of conditions reads as a table.
  'no-nested-ternary': 'off',
  // TypeScript knows whether a switch covers its union; a default case would hide a new arm.
  'default-case': 'off',
  // It also knows which functions return nothing.
  'consistent-return': 'off',
  eqeqeq: 'error',
  'no-console': 'error',
  'no-restricted-syntax': [
    'error',
    { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
    { selector: 'TSModuleDeclaration[kind="namespace"]', message: 'Use a module.' },
    {
      selector: "ImportDeclaration[source.value='react'] :matches(ImportDefaultSpecifier, ImportNamespaceSpecifier)",
      message: 'Import from react by name.',
    },
  ],
  // A file past 300 lines or a function past 60 is a sign that two ideas share it.
  'max-lines': ['error', { max: 300 }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
  complexity: ['error', 16],
};

module.exports = (directory) =>
  createConfig(directory, {
    tsRules,
    overrides: [
      {
        files: ['**/*.tsx'],
        extends: ['plugin:jsx-a11y/recommended'],
        // Markup is long and has no branches: what counts there is the complexity.
        rules: { 'max-lines-per-function': ['error', { max: 90, skipBlankLines: true, skipComments: true }] },
      },
      {
        files: ['**/*.test.ts', '**/*.test.tsx', '**/testing/**'],
        rules: { 'max-lines': ['error', { max: 600 }], 'max-lines-per-function': 'off' },
      },
      {
        files: ['**/*.contract.ts', '**/testing/**'],
        rules: { 'jest/no-export': 'off', '@backstage/no-undeclared-imports': 'off' },
      },
      // Knex loads migrations as they are.
      { files: ['migrations/**/*.js'], rules: { 'func-names': 'off' } },
    ],
  });
