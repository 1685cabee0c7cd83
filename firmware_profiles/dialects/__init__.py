"""Pure pieces of vendor protocols that more than one room needs: no sockets, no clock, no loop.

The box's adapters put them on the wire, and the field install uses the same pieces to set devices up.
"""
