"""People: accounts and logins, making venues, publishing menus, and the pages on which owners watch them."""
