"""`holdfast-provision`: turns a fresh Debian or Raspberry Pi OS into a venue's box, twice without harm.

    profile (what the installer wrote) --layout--> steps (what shall be)
    --plan, with what is observed--> what is to do --apply--> commands on a host

Everything up to `apply` is pure: a step tells from an `Observed` whether it is met and which commands bring
it about. `Host` is the one thing that touches a machine: this one, one behind SSH, or a folder
used as a root.
"""
