"""Who may do what on the dashboard, in words that routes are declared with.

Rule of the file: a role is a set of routes and nothing else; no handler asks for a role by name.
"""

OWNER, MANAGER, ACCOUNTANT, SUPPORT = "owner", "manager", "accountant", "support"
ROLES = (OWNER, MANAGER, ACCOUNTANT, SUPPORT)

EVERYBODY = ROLES
OWNERS = (OWNER,)
#: Who runs venues: changes menus, staff and what else a venue lives by.
RUNNERS = (OWNER, MANAGER)
#: Who may see what was sold and taken.
BOOKKEEPERS = (OWNER, MANAGER, ACCOUNTANT)
#: Who may see how boxes and devices are.
TECHNICIANS = (OWNER, MANAGER, SUPPORT)

#: What an API token may be given. A route names the one that opens it.
SCOPES = {
    "venues:read": "Venues, their links and today's figures",
    "reports:read": "Orders and reports",
    "exports:read": "Lists of exports and their files",
    "exports:write": "Ask for exports and remove them",
    "alerts:read": "Alerts and their history",
    "devices:read": "Boxes and devices",
    "menu:read": "Menus, drafts and versions",
    "menu:write": "Change and publish menus",
    "staff:read": "Who works at the venues",
    "staff:write": "Change who works at the venues",
    "commands:write": "Send commands to venues",
    "shop:read": "Orders of the shop",
    "shop:write": "Take orders of the shop on, and change how they are shipped",
}
