/** Unit tests of the pages' logic; what only a browser can show is tested in `tests/browser`. */
import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["tests/unit/**/*.test.ts"] } });
