/** What each role may do, in the words of the page. */
import type { OwnerRole } from "@holdfast/protocol";

export const ROLE_WORDS: Readonly<Record<OwnerRole, string>> = {
  owner: "Owner: everything",
  manager: "Manager: runs venues",
  accountant: "Accountant: sees figures",
  support: "Support: sees devices",
};
