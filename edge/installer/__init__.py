"""`holdfast-edge devices`: what an installer does with plugs, routers, printers and kitchen screens, typed.

    cli.py (what was typed) --> fitting_out.py (what a list of devices needs) --> desk.py (the box's own API)

Nothing here touches a device: the box at work does, asked at the same addresses as by the staff's page, so
nobody can do at a console what the page would refuse. `visit.py` keeps what the report says of it.
"""
