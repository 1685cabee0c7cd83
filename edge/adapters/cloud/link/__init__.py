"""The box's end of the link on a real socket, in three rooms: `side.py` is what the box is and has learnt,
`dialling.py` keeps the link up, `conversation.py` is one connection from its challenge to its end.

Counterparts: `cloud/ingest/`; `claiming.py` made the box known there.
"""

from edge.adapters.cloud.link.dialling import CloudLink

__all__ = ["CloudLink"]
