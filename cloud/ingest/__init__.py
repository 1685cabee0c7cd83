"""The other end of every venue's link: who may connect, what a run of facts does, what goes down.

`socket.py` is the shell around `protocol.link_machine.CloudEnd`; `ledger.py` folds in memory and
`applier.py` writes, so that a run is one transaction; `feed.py` sends what the cloud owns.
"""
