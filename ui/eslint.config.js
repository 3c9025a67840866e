import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import config from "./svelte.config.js";

export default ts.config(
  // Bindings are generated; what they say is checked by the compiler.
  { ignores: ["dist/", "bench/dist/", "node_modules/", "dev/shots/", "src/bindings/"] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      eqeqeq: ["error", "always"],
      "max-lines": ["error", 600],
      "no-console": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // Amounts are decimal text from end to end; a float of one would be a wrong amount.
      "no-restricted-globals": [
        "error",
        { name: "parseFloat", message: "Amounts are decimal text; see lib/format." },
      ],
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["@tauri-apps/*"], message: "Only platform/ talks to the shell." }] },
      ],
    },
  },
  { files: ["src/platform/**"], rules: { "no-restricted-imports": "off" } },
  { files: ["dev/**"], rules: { "no-console": "off" } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig: config } },
    rules: {
      // `style:` directives go through the CSSOM; a style attribute would be refused by the window's policy.
      "no-restricted-syntax": [
        "error",
        {
          selector: "SvelteAttribute[key.name='style']",
          message: "Use a style: directive; the content-security policy refuses style attributes.",
        },
      ],
      "svelte/no-unused-svelte-ignore": "off",
      "svelte/prefer-svelte-reactivity": "off",
      "svelte/require-each-key": "error",
    },
  },
);
