"""What comes from the other end of the link: entries handed down, commands of the owner, guests far away."""
