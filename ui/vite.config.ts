import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** What the window starts with. */
const START =
  /node_modules|src\/(app|lib|platform|components|grid)\/|src\/features\/(home|queue|act|detail|shared)\//;

// The window's content-security policy forbids inline script and style and data: fonts, so nothing is
// inlined.
export default defineConfig({
  plugins: [svelte()],
  server: { port: 5173, strictPort: true, host: "127.0.0.1" },
  build: {
    target: ["es2022", "safari17", "chrome120"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // It is one file: each file more is a question to the shell before anything is
    // shown.
    rolldownOptions: {
      output: {
        advancedChunks: {
          groups: [
            {
              name: "start",
              test: START,
            },
          ],
        },
      },
    },
    outDir: "dist",
    emptyOutDir: true,
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
