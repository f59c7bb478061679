module.exports = {
  root: true,
  ignorePatterns: ['node_modules', '**/dist/**', 'dist-types', '.data'],
  overrides: [
    {
      files: ['setup/**/*.mjs', 'e2e/**/*.mjs', '*.js', '*.mts', '**/.eslintrc.js'],
      extends: ['eslint:recommended'],
      env: { node: true, es2022: true },
      globals: { fetch: 'readonly' },
      parserOptions: { ecmaVersion: 2022, sourceType: 'module' },
    },
    { files: ['e2e/**/*.mjs'], env: { browser: true, jest: true } },
    { files: ['*.mts', 'e2e/**/*.ts', 'testing/**/*.ts'], parser: '@typescript-eslint/parser' },
  ],
};
