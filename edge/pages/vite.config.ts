/** Builds the pages that the box serves, each one HTML file and hashed assets, into `edge/web/static`. */
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: "../../protocol/pages/public",
  build: {
    outDir: "../web/static",
    emptyOutDir: true,
    // Nothing inline: the box answers with `Content-Security-Policy: default-src 'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome87", "firefox89", "safari15"],
    rollupOptions: { input: { guest: "guest.html", kitchen: "kitchen.html", staff: "staff.html", shop: "shop.html", balance: "balance.html" } },
  },
});
