/** Builds the pages that the cloud serves, each one HTML file and hashed assets, into `cloud/owners/static`. */
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: "../../protocol/pages/public",
  build: {
    outDir: "../owners/static",
    emptyOutDir: true,
    // Nothing inline: the cloud answers with `Content-Security-Policy: default-src 'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome87", "firefox89", "safari15"],
    rollupOptions: {
      input: { owner: "index.html", shop: "shop.html", orders: "orders.html", table: "table.html", wallet: "wallet.html" },
    },
  },
});
